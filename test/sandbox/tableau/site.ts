/** A sandbox of one test, with short refreshes, and a client that is signed in to its site. */
import type { TestContext } from 'node:test';
import type { Settings } from '../../../sandbox/settings.js';
import { until } from '../../helpers/until.js';
import { openWorld } from '../world.js';
import { ask, signIn, type Answer } from './client.js';

export const hour = 3_600_000;
export const day = 24 * hour;

export async function openSite(t: TestContext, settings: Partial<Settings> = {}) {
  const world = await openWorld({ settings: { refreshWaitsMs: 10, refreshRunsMs: 10, ...settings } });
  t.after(() => world.close());
  const { sandbox, receiver } = world;
  const token = await signIn(sandbox);
  const site = `/sites/${sandbox.siteLuid}`;
  const get = (path: string): Promise<Answer> => ask(sandbox, 'GET', `${site}/${path}`, { token });
  return {
    sandbox,
    panel: sandbox.panel,
    token,
    receiver,
    get,
    send: (method: string, path: string, body: unknown = {}) =>
      ask(sandbox, method, `${site}/${path}`, { token, body }),
    text: async (path: string): Promise<string> => JSON.stringify((await get(path)).body),
    /** Waits until the answer to a request contains what the pattern matches, and gives its text. */
    shows: (path: string, pattern: RegExp): Promise<string> => {
      let text = '';
      return until(
        () => `${path} to show ${pattern}: ${text}`,
        async () => {
          text = JSON.stringify((await get(path)).body);
          return pattern.test(text) && text;
        },
        10_000,
      );
    },
  };
}
