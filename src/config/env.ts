/** A record of environment variables; an empty one counts as unset. */
export type Env = Readonly<Record<string, string | undefined>>;
