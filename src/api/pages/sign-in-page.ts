import { html } from './html.js';
import { page, type Frame } from './layout.js';

interface SignIn {
  prefix: string;
  /** The path to go to afterwards, without the prefix. */
  to: string;
  csrf: string;
  /** What was given before. */
  name?: string;
  notice?: NonNullable<Frame['notice']>;
}

/** The page that signs in by the API token. */
export const signInPage = ({ prefix, to, csrf, name = '', notice }: SignIn): string =>
  page({
    title: 'Sign in',
    prefix,
    ...(notice && { notice }),
    main: html`<div class="narrow">
      <h1>Sign in</h1>
      <form method="post" action="${prefix}/sign-in" class="card">
        <input type="hidden" name="_csrf" value="${csrf}" /><input type="hidden" name="to" value="${to}" />
        <p class="field">
          <label>Your name <input name="name" value="${name}" required maxlength="100" autocomplete="username" /></label
          ><small>Your answers are recorded under it.</small>
        </p>
        <p class="field">
          <label>API token <input name="token" type="password" required autocomplete="current-password" /></label
          ><small>The value of API_TOKEN.</small>
        </p>
        <button class="main wide">Sign in</button>
      </form>
    </div>`,
  });
