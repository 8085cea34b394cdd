/** The result of one check. */
export interface Finding {
  check: string;
  /** `warning`: the service works, but its messages lack something, or it will stop working later. */
  status: 'ok' | 'warning' | 'failed' | 'skipped';
  message: string;
  fix?: string;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
