/** The episodes of the recorded month. */
import { episodesIn } from '../../../../../src/history/episodes.js';
import { factsIn } from '../../../../../src/history/incident-facts.js';
import type { Rehearsed } from '../../../../../src/commands/policy/rehearse/simulate.js';
import { rehearse, type Rehearsal } from '../../../../../src/commands/policy/rehearse/summary.js';
import type { Escalation } from '../../../../../src/policy/route.js';
import { monthFile } from './present.js';
import { readMonth } from './recording.js';

const month = readMonth();
export const { ledger } = month;
export const episodes = month.histories.flatMap(({ incident, runs }) => episodesIn(incident, runs.flatMap(factsIn)));
export const now = ledger.until;
/** What was in force. */
export const present = monthFile();
export const prices = { whatsapp: 0.01, sms: 0.05, call: 0.1 };
export const rehearsed = (file: Escalation): Rehearsal => rehearse(file, episodes, { now, prices });

/** `ana whatsapp, ana sms; lead`: pages in order, then who took it. */
export const inShort = ({ pages, taken }: Pick<Rehearsed, 'pages' | 'taken'>): string =>
  `${pages
    .map(({ contact, by }) => `${contact} ${by}`)
    .toSorted()
    .join(', ')}; ${taken.map(({ contact }) => contact ?? 'a script').join(', ')}`;
