/** Walks through the pages of the identity provider as a browser does. */
/** Cookies by host, for `fetch` without following redirects. */
function jar() {
  const cookies = new Map<string, string>();
  return async (url: string, body?: URLSearchParams): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = body ? { method: 'POST', body } : {};
    const response = await fetch(url, { ...sent, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
}

/** Signs in as an account; gives the address to which the provider then sends the browser. @param address to which we sent it */
export async function walkThroughProvider(address: string, account: string, ours: string): Promise<URL> {
  const request = jar();
  let response = await request(address);
  for (let steps = 0; steps < 10; steps += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, response.url);
      if (next.href.startsWith(ours)) return next;
      response = await request(next.href);
      continue;
    }
    const body = await response.text();
    const [, action = ''] = /<form[^>]*action="([^"]+)"/.exec(body) ?? [];
    const form = new URLSearchParams({ prompt: 'login', login: account, password: 'x' });
    response = await request(new URL(action, response.url).href, form);
  }
  throw new Error('the provider did not lead back');
}
