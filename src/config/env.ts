/** A record of environment variables; an empty one counts as unset. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The variables that are not empty, without surrounding blanks. */
export const present = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()] as const] : [])),
  );
