import { html } from './html.js';
import { page, type Frame } from './layout.js';

interface SignIn {
  prefix: string;
  /** The path to go to afterwards, without the prefix. */
  to: string;
  csrf: string;
  /** The host of the identity provider, and whether it answers; null: there is none. */
  provider: { host: string; works: boolean } | null;
  /** What was given before. */
  name?: string;
  notice?: NonNullable<Frame['notice']>;
}

function providerPart({ provider, prefix, to }: SignIn) {
  if (provider === null) return null;
  const address = `${prefix}/sign-in/start?${new URLSearchParams({ to }).toString()}`;
  return html`<section class="card" aria-labelledby="account">
    <h2 id="account">With your account</h2>
    ${
      provider.works
        ? html`<p><a class="button main wide" href="${address}">Go to ${provider.host}</a></p>`
        : html`<p class="alarm">${provider.host} does not answer. Use the API token, or try again soon.</p>
            <p><a class="button wide" href="${address}">Try ${provider.host} again</a></p>`
    }
  </section>`;
}

/** The page that signs in: by the identity provider, where there is one, and by the API token. */
export function signInPage(given: SignIn): string {
  const { prefix, to, csrf, provider, name = '', notice } = given;
  return page({
    title: 'Sign in',
    prefix,
    ...(notice && { notice }),
    main: html`<div class="narrow">
      <h1>Sign in</h1>
      ${providerPart(given)}
      <form method="post" action="${prefix}/sign-in" class="card" aria-labelledby="token">
        <h2 id="token">With the API token</h2>
        <input type="hidden" name="_csrf" value="${csrf}" /><input type="hidden" name="to" value="${to}" />
        <p class="field">
          <label>Your name <input name="name" value="${name}" required maxlength="64" autocomplete="username" /></label
          ><small>Your answers are recorded under it.</small>
        </p>
        <p class="field">
          <label
            >API token
            <input name="token" type="password" required maxlength="1024" autocomplete="current-password" /></label
          ><small
            >The value of API_TOKEN. It may do
            everything${provider ? ', for when your account does not work' : null}.</small
          >
        </p>
        <button class="${provider === null ? 'main wide' : 'wide'}">Sign in</button>
      </form>
    </div>`,
  });
}
