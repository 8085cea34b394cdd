import { html } from './html.js';
import { page } from './layout.js';

export interface ShownError {
  /** The path prefix of `PUBLIC_URL`. */
  prefix: string;
  statusCode: number;
  code: string;
  /** `Not Found` */
  reason: string;
  message: string;
  /** Whether a sign-in may help, or has failed. */
  leadsToSignIn: boolean;
}

/** What a browser gets in place of the JSON of an error. */
export const errorPage = ({ prefix, statusCode, code, reason, message, leadsToSignIn }: ShownError): string =>
  page({
    title: reason,
    prefix,
    main: html`<div class="narrow">
      <h1>${reason}</h1>
      <p role="alert">${message}</p>
      <p class="row">
        <a class="button" href="${prefix}/">Overview</a>
        ${leadsToSignIn ? html`<a class="button" href="${prefix}/sign-in">Sign in</a>` : null}
      </p>
      <p class="soft">${statusCode} <code>${code}</code></p>
    </div>`,
  });
