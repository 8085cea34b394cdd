/** Time limits of work that goes on for others who share its result. */
import { TableauError, unanswered } from './errors.js';

/** Settles with the work or, when the signal is aborted first, with an error. The work itself continues. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>, createError: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(createError());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Gives the work a signal and `timeoutMs` milliseconds. Throws `tableau-unavailable` after that. */
export function withTimeout<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs);
  return untilAborted(signal, work(signal), () => timeoutError(timeoutMs));
}

export const timeoutError = (timeoutMs: number): TableauError =>
  new TableauError(unanswered({ code: 'ERR_CANCELED' }, timeoutMs));

/** The time limit of a request whose response several incidents share: not that of the incident that sent it first. */
export const sharedRequestSignal = (): AbortSignal => AbortSignal.timeout(9_000);
