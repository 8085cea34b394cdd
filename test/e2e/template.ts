import type { Sandbox } from '../../sandbox/sandbox.js';

/** A WhatsApp template with a button: its ContentSid, for `WHATSAPP_CONTENT_SID`. */
export const contentSid = `HX${'d'.repeat(32)}`;

/** Adds the template to the sandbox, as approved. */
export async function addTemplate({ url }: Sandbox): Promise<void> {
  const response = await fetch(`${url}/sandbox/templates/${contentSid}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ body: '{{1}}\n{{2}}\nNumber {{3}}', buttons: [{ id: 'ACK', title: 'I take it' }] }),
  });
  if (!response.ok) throw new Error(`the template was refused with ${response.status}`);
}
