/** The signals, updates and queries of the workflows, as Temporal knows them; the `*contract.ts` files have their payloads. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AnswerOutcome, AnswerSignal, EventSignal, FailedSignal, HeldSignal, SentSignal } from './contract.js';
import type {
  HandOverNotice,
  NoticeSignal,
  PageSignal,
  ReceiptSignal,
  ReplyOutcome,
  ReplySignal,
  TextNotice,
  WithdrawSignal,
} from './pager-contract.js';
import type { FreshnessView, PromisesSignal } from './freshness-contract.js';
import type { ChangesSignal, SettingsSignal } from './webhook-contract.js';
import type { EndSignal } from './sessions-contract.js';
import type { EndOverride, Outcome, OverrideRequest, Silence, SilenceRequest } from './on-call-contract.js';

export const eventSignal = defineSignal<[EventSignal]>('event');
/** From the api, which looks for the outcome in the memo. */
export const answerSignal = defineSignal<[AnswerSignal]>('answer');
/** From a pager. Its update id is the `answerId`, so that a copy gets the outcome of the first. */
export const answerUpdate = defineUpdate<AnswerOutcome, [AnswerSignal]>('answer');
export const sentSignal = defineSignal<[SentSignal]>('sent');
export const heldSignal = defineSignal<[HeldSignal]>('held');
export const failedSignal = defineSignal<[FailedSignal]>('failed');

export const pageSignal = defineSignal<[PageSignal]>('page');
export const withdrawSignal = defineSignal<[WithdrawSignal]>('withdraw');
export const noticeSignal = defineSignal<[NoticeSignal | HandOverNotice | TextNotice]>('notice');
export const replySignal = defineSignal<[ReplySignal]>('reply');
export const receiptSignal = defineSignal<[ReceiptSignal]>('receipt');
export const replyOutcomeQuery = defineQuery<ReplyOutcome | null, [string]>('outcome');

/** The update ids of these hold the ids of the entries, so that a copy gets the response of the first. */
export const makeOverrideUpdate = defineUpdate<Outcome, [OverrideRequest]>('makeOverride');
/** False: there is no such override. */
export const endOverrideUpdate = defineUpdate<boolean, [EndOverride]>('endOverride');
export const makeSilenceUpdate = defineUpdate<Outcome, [SilenceRequest | Silence]>('makeSilence');
/** False: there is no such silence. */
export const endSilenceUpdate = defineUpdate<boolean, [{ id: string }]>('endSilence');

export const endSessionsSignal = defineSignal<[EndSignal]>('endSessions');

export const promisesSignal = defineSignal<[PromisesSignal]>('promises');
/** To the workflow of an endpoint of outgoing webhooks. */
export const changesSignal = defineSignal<[ChangesSignal]>('changes');
export const webhookSettingsSignal = defineSignal<[SettingsSignal]>('settings');
export const freshnessQuery = defineQuery<FreshnessView>('freshness');
