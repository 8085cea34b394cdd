/**
 * The WhatsApp template of a page. Its variables are those of `SendInput.variables`: 1 what failed, 2 what is known of it, 3 the
 * reply number. A button sends its id, which is parsed like a written reply.
 *
 * WhatsApp refuses a text that begins or ends with a variable, has two of them side by side or few words of its own, and a
 * variable without a sample: https://www.twilio.com/docs/whatsapp/tutorial/message-template-approvals-statuses
 */
export interface PageTemplate {
  language: string;
  body: string;
  samples: Readonly<Record<string, string>>;
  /** Titles have at most 20 characters: https://www.twilio.com/docs/content/twilio-quick-reply */
  buttons: readonly { title: string; id: string }[];
}

export const pageTemplate = {
  language: 'en',
  body: 'Tableau: {{1}}.\nWhat is known so far: {{2}}.\nReply ACK or {{3}} to take it, or tap a button.',
  samples: {
    1: 'Workbook refresh failed: "Sales"',
    2: 'Project "Finance", owner "Olga Owner", 12 min ago. The login to the database failed. See https://tableau.example.com/#/workbooks/7 in Tableau',
    3: '7',
  },
  buttons: [
    { title: 'I take it', id: 'ACK' },
    { title: 'Run it again', id: 'R' },
    { title: 'It is fixed', id: 'DONE' },
  ],
} as const satisfies PageTemplate;
