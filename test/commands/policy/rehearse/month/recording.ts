/** The recorded month: the histories of its incidents as Temporal gave them, and what the phones know of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import proto from '@temporalio/proto';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { History as RunHistory } from '../../../../../src/temporal/histories.js';

const { History } = proto.temporal.api.history.v1;
const { Payloads } = proto.temporal.api.common.v1;

const historiesFile = new URL('./histories.bin.gz', import.meta.url);
const ledgerFile = new URL('./ledger.json', import.meta.url);

const Counts = Type.Object({ whatsapp: Type.Number(), sms: Type.Number(), call: Type.Number() });
const LedgerFile = Type.Object({
  from: Type.Number(),
  until: Type.Number(),
  answers: Type.Array(
    Type.Object({ incident: Type.String(), contact: Type.Union([Type.String(), Type.Null()]), at: Type.Number() }),
  ),
  received: Type.Record(Type.String(), Counts),
});

/** One incident: the histories of its runs, the oldest first. */
export interface IncidentHistory {
  incident: string;
  runs: RunHistory[];
}

/** A protobuf `Payloads`: each has the history of a run, and as metadata the id of the incident. */
export function writeMonth(ledger: Static<typeof LedgerFile>, months: readonly IncidentHistory[]): void {
  const payloads = months.flatMap(({ incident, runs }) =>
    runs.map((run) => ({ metadata: { incident: Buffer.from(incident) }, data: History.encode(run).finish() })),
  );
  writeFileSync(historiesFile, gzipSync(Payloads.encode({ payloads }).finish(), { level: 9 }));
  writeFileSync(ledgerFile, `${JSON.stringify(ledger)}\n`);
}

export function readMonth(): { ledger: Static<typeof LedgerFile>; histories: IncidentHistory[] } {
  const { payloads } = Payloads.decode(gunzipSync(readFileSync(historiesFile)));
  const histories = new Map<string, IncidentHistory>();
  for (const { metadata, data } of payloads) {
    const incident = Buffer.from(metadata?.['incident'] ?? []).toString();
    const known = histories.get(incident) ?? { incident, runs: [] };
    known.runs.push(History.decode(data ?? new Uint8Array()));
    histories.set(incident, known);
  }
  const ledger = Value.Parse(LedgerFile, JSON.parse(readFileSync(ledgerFile, 'utf8')));
  return { ledger, histories: [...histories.values()] };
}
