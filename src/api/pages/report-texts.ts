import { span } from './times.js';

/** `4 min`; a dash where there is none. */
export const timeText = (seconds: number | null): string => (seconds === null ? '–' : span(seconds * 1_000));
export const costText = (cost: number | null): string => (cost === null ? 'not known' : cost.toFixed(2));
