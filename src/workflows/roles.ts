/** A role key is shown; what a script says of itself may be a person's name, and is shown by the api alone. */
export const roleOnly = (by: string): string => (/^[a-z][a-z0-9-]{0,31}$/.test(by) ? by : 'api');
