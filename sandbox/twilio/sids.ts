import { randomBytes } from 'node:crypto';

/** Two letters and 32 hexadecimal digits. */
export const newSid = (letters: 'CA' | 'HX' | 'MM' | 'SM'): string => letters + randomBytes(16).toString('hex');
