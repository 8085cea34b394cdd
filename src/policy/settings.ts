/** The settings of the escalation file. */
import type { Settings } from '../workflows/contract.js';
import { parseDuration } from './duration.js';
import type { EscalationFile } from './schema.js';

const durationMs = (text: string): number => parseDuration(text) ?? 0;

/** Of a file that says nothing. */
export const defaultSettings: Settings = {
  windowMs: durationMs('60s'),
  callWindowMs: durationMs('180s'),
  lingerMs: durationMs('1h'),
  forgetMs: durationMs('7d'),
  messagesPerHour: 20,
  callsPerHour: 6,
  answersPerHour: 20,
};

/** The file's settings over the defaults; durations of the file are texts. */
export function settingsFrom(given: NonNullable<EscalationFile['settings']>): Settings {
  const { window, callWindow, linger, forget, ...limits } = given;
  return {
    ...defaultSettings,
    ...limits,
    ...(window !== undefined && { windowMs: durationMs(window) }),
    ...(callWindow !== undefined && { callWindowMs: durationMs(callWindow) }),
    ...(linger !== undefined && { lingerMs: durationMs(linger) }),
    ...(forget !== undefined && { forgetMs: durationMs(forget) }),
  };
}
