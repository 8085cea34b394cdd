/** What messages and calls cost, by the escalation file: Twilio's prices differ by country and contract, and none is known without it. */
import { Type, type Static } from 'typebox';
import type { Channel } from '../workflows/contract.js';

export interface Prices {
  /** ISO 4217. */
  currency: string;
  /** For one WhatsApp message, one segment of an SMS, one call that was picked up. */
  each: Partial<Record<Channel, number>>;
}

const price = Type.Optional(Type.Number({ minimum: 0, maximum: 10_000 }));

/** `prices: { currency: EUR, perWhatsapp: 0.05, perSegment: 0.08, perCall: 0.02 }`. */
export const PricesEntry = Type.Object(
  { currency: Type.String({ pattern: '^[A-Z]{3}$' }), perWhatsapp: price, perSegment: price, perCall: price },
  { additionalProperties: false },
);

const priceRule = 'a number from 0 to 10000, such as 0.05';
export const expectedOfPrices = {
  prices: 'a map of currency and perWhatsapp, perSegment and perCall',
  currency: 'the three letters of a currency, such as EUR',
  perWhatsapp: priceRule,
  perSegment: priceRule,
  perCall: priceRule,
};

/** Nothing where the file has none. */
export function pricesFrom(entry: Static<typeof PricesEntry> | undefined): { prices?: Prices } {
  if (!entry) return {};
  const { currency, perWhatsapp, perSegment, perCall } = entry;
  const each = {
    ...(perWhatsapp !== undefined && { whatsapp: perWhatsapp }),
    ...(perSegment !== undefined && { sms: perSegment }),
    ...(perCall !== undefined && { call: perCall }),
  };
  return { prices: { currency, each } };
}
