import { ask, clock, find, h, keyed } from './dom.js';

const most = 6;
const signs = { ':red_circle:': 'failing', ':large_yellow_circle:': 'taken', ':large_green_circle:': 'over' };
const plain = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** What Slack makes of `*bold*`, `<address|text>` and `:sign:`; all else is text. */
function formatted(mrkdwn) {
  return mrkdwn.split(/(\*[^*\n]+\*|<https?:[^>|]+\|[^>]+>|:[a-z_]+:)/).map((part) => {
    const link = /^<(.+)\|(.+)>$/.exec(part);
    if (link) return h('a', { href: plain(link[1]), target: '_blank', rel: 'noreferrer' }, plain(link[2]));
    if (/^\*.+\*$/.test(part)) return h('strong', {}, plain(part.slice(1, -1)));
    return signs[part] ? h('span', { class: `sign ${signs[part]}`, 'aria-hidden': 'true' }, '●') : plain(part);
  });
}

const textOf = ({ body }) => body.blocks?.[0]?.text?.text ?? body.text ?? '';

/** A post whose answer was lost comes again under the same id. */
const onceEach = (posts) =>
  posts.filter(({ id }, index) => id === '' || posts.findIndex((post) => post.id === id) === index);

const message = ({ at, name, text }) =>
  h('li', { 'data-testid': 'chat-message' }, h('small', {}, `#${name} ${clock(at)}`), h('p', {}, formatted(text)));

/** Loads what outgoing webhooks have posted in the form of Slack. */
export async function refreshChat() {
  const answer = await ask('GET', 'receivers');
  if (!answer) return;
  const all = await Promise.all(answer.receivers.map((name) => ask('GET', `receivers/${encodeURIComponent(name)}`)));
  const messages = all.flatMap((one, index) =>
    onceEach((one?.received ?? []).filter(({ form, status }) => form === 'slack' && status === 200)).map((post) => {
      const name = answer.receivers[index];
      return { key: `${name} ${post.id || post.at}`, at: post.at, name, text: textOf(post) };
    }),
  );
  const newest = messages.toSorted((one, other) => other.at - one.at).slice(0, most);
  find('chat').hidden = newest.length === 0;
  keyed(find('posts'), newest, ({ key }) => key, message);
}
