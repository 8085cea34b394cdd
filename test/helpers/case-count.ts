/**
 * With how many made-up cases a property is tried: so many in a CI, a fifth of them elsewhere, or as many as a variable says.
 *
 * @param variable of the environment, such as `ZONE_RUNS`
 */
export const caseCount = (inCi: number, variable = 'CASES'): number =>
  Number(process.env[variable] ?? (process.env['CI'] ? inCi : Math.ceil(inCi / 5)));
