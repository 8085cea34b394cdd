/** The pages at the addresses of `GET /incidents`, for whoever prefers HTML. */
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { canBeRefreshed, incidentWorkflowId } from '../../workflows/contract.js';
import type { IncidentView } from '../../workflows/view-contract.js';
import { isMissing } from '../../workflows/words.js';
import { hashOf } from '../content-hash.js';
import { badCursor, createCursors } from '../incidents/cursors.js';
import { filterScope, readFilters, type FilterProblem, type FilterTexts } from '../incidents/filters.js';
import { pageOf, versionOf, type ListedPage } from '../incidents/list.js';
import { badCursorProblem, filledIn, limitOf, type IncidentsQuery } from '../incidents/query.js';
import type { ReadSnapshot, Snapshot } from '../incidents/snapshot.js';
import type { Backgrounds } from '../incidents/item-background.js';
import type { TakerNames } from '../incidents/taker-names.js';
import { forReader } from '../pages/form-problem.js';
import { incidentPage, outcomes, outcomeText } from '../pages/incident-page.js';
import { countText, incidentsPage } from '../pages/incidents-page.js';
import { liveIncidentPath } from '../pages/paths.js';
import { background } from '../pages/refreshes.js';
import { formToken, sendPage } from '../pages/send-page.js';
import type { Clock } from '../pages/times.js';
import { mayAct } from '../sign-in/person.js';
import { readerClock } from '../sign-in/reader-clock.js';

interface Options {
  snapshots: ReadSnapshot;
  backgrounds: Backgrounds;
  takerNames: TakerNames;
  escalation: EscalationSource;
  /** The path prefix of `PUBLIC_URL`. */
  prefix: string;
  /** Signs cursors. */
  secret: string;
  /** The workflows of the namespace in Temporal's Web UI, an address without a trailing slash; null where none is known. */
  webUi: string | null;
  clock: () => number;
}

const nothing: ListedPage = { rows: [], found: { open: 0, withoutAnybody: 0, over: 0 }, next: null };

/** For what only Tableau knows. An open page gets it later as well. */
const backgroundWaitMs = 60;

export function createIncidentPages(options: Options) {
  const { snapshots, backgrounds, takerNames, escalation, prefix, secret, webUi, clock } = options;
  const cursors = createCursors(secret);
  const clockOf = ({ person }: FastifyRequest): Clock => readerClock(person, clock());

  /** @throws a 400 for a limit or a cursor that is none */
  async function read(
    given: FilterTexts,
    { limit, cursor }: Pick<IncidentsQuery, 'limit' | 'cursor'>,
  ): Promise<{ problem: FilterProblem } | { listed: ListedPage; more: Snapshot['more'] }> {
    const found = readFilters(given, clock());
    if ('problem' in found) return found;
    const { filters } = found;
    const wanted = { filters, scope: filterScope(given), limit: limitOf(limit), cursor: cursor ?? null };
    const { more, ...snapshot } = await snapshots(filters.contact !== '');
    try {
      const listed = pageOf({ more, ...snapshot }, cursors, wanted);
      return { listed: { ...listed, rows: takerNames.named(listed.rows) }, more };
    } catch (error) {
      if (error instanceof Error && error.message === badCursor) throw badCursorProblem();
      throw error;
    }
  }

  async function list(request: FastifyRequest, reply: FastifyReply, query: IncidentsQuery): Promise<FastifyReply> {
    const given = filledIn(query);
    const found = await read(given, query);
    const now = clockOf(request);
    const { listed, more } = 'problem' in found ? { listed: nothing, more: null } : found;
    const problem =
      'problem' in found ? { ...found.problem, message: forReader(found.problem.message, now) } : undefined;
    const main = incidentsPage({
      prefix,
      clock: now,
      ...listed,
      more,
      given,
      ...(problem && { problem }),
      contacts: Object.keys(escalation.current().contacts),
      pages: { query: { ...given, limit: query.limit }, next: listed.next, isFirst: query.cursor === undefined },
    });
    const seen = new URLSearchParams({ ...query, seen: versionOf(listed) }).toString();
    return sendPage(request, reply, formToken(reply), {
      title: problem ? 'Incidents' : `${countText(listed.found)} · Incidents`,
      current: '/incidents',
      prefix,
      clock: now,
      main,
      ...(problem
        ? { status: 400, notice: { kind: 'wrong', text: problem.message } }
        : { live: `${prefix}/live/incidents?${seen}` }),
    });
  }

  /** What only Tableau knows; null where that is nothing. */
  const inputOf = ({ item, lastFailedAt }: IncidentView) =>
    canBeRefreshed(item) ? { item, since: Date.parse(lastFailedAt) } : null;

  /** What the page of an incident shows now, as a short text. Names of those who answered are left out: whoever asks again and again does not read them. */
  function versionOfOne(view: IncidentView): string {
    const known = inputOf(view) === null ? null : (backgrounds.peek(view.item) ?? null);
    const entries = view.timeline.map(({ at, type }) => [at, type]);
    return hashOf([{ ...view, acknowledgedBy: null, snoozedBy: null, timeline: entries }, known]);
  }

  async function one(
    request: FastifyRequest,
    reply: FastifyReply,
    view: IncidentView,
    outcome?: string,
  ): Promise<FastifyReply> {
    const input = inputOf(view);
    const known = input && (await backgrounds.read(input, backgroundWaitMs));
    const at = clockOf(request);
    const csrf = formToken(reply);
    const shown = outcomes.find((each) => each === outcome);
    const said = shown === undefined ? null : outcomeText(shown, view);
    const mayAnswer = request.person !== null && mayAct(request.person, 'responder');
    return sendPage(request, reply, csrf, {
      title: `${view.state}: ${view.item.name}`,
      current: '/incidents',
      prefix,
      clock: at,
      main: incidentPage({
        prefix,
        view,
        clock: at,
        more: input === null ? null : background(known, { isMissing: isMissing(view), clock: at }),
        ...(mayAnswer && { form: { csrf, nonce: randomUUID() } }),
        webUi: webUi && `${webUi}/${encodeURIComponent(incidentWorkflowId(view.id))}`,
      }),
      live: `${prefix}${liveIncidentPath(view.id)}?seen=${versionOfOne(view)}`,
      ...(said !== null && { notice: { kind: 'done', text: said } }),
    });
  }

  /** What the page of a query shows now, as a short text. */
  async function version(query: IncidentsQuery): Promise<string> {
    const found = await read(filledIn(query), query);
    return 'problem' in found ? '' : versionOf(found.listed);
  }

  return { list, one, version, versionOfOne };
}
export type IncidentPages = ReturnType<typeof createIncidentPages>;
