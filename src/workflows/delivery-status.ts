/** The statuses of messages and calls, in the order in which they follow each other. */

/** From here on a call is over. */
export const endedRank = 8;
/** Above every status of a message that can still be read, or of a call that can still be answered. */
export const failedRank = 9;

// Delivery receipts arrive in any order and more than once: a status never goes back.
// https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
export const statusRanks: Readonly<Record<string, number>> = {
  sending: 0,
  accepted: 1,
  scheduled: 1,
  queued: 2,
  initiated: 3,
  sent: 4,
  ringing: 4,
  'in-progress': 5,
  answered: 5,
  partially_delivered: 5,
  delivered: 6,
  read: 7,
  completed: endedRank,
  busy: failedRank,
  'no-answer': failedRank,
  canceled: failedRank,
  undelivered: failedRank,
  failed: failedRank,
};
export const deliveredRank = 6;
