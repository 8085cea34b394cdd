import type { Sandbox } from '../../sandbox/sandbox.js';
import { phoneOf, type TestPhone } from '../helpers/phone.js';
import { patience } from '../helpers/processes.js';
import { until } from '../helpers/until.js';

/** A phone on which things may come late: processes begin, and a dead worker is missed after 10 s. */
export function patientPhone(sandbox: Sandbox, number: string): TestPhone {
  const phone = phoneOf(sandbox, number);
  const comes = (what: string, isIt: (line: string) => boolean) =>
    until(
      () => `${what}; there is ${JSON.stringify(phone.unexpected())}`,
      () => phone.unexpected().some(isIt),
      patience,
    );
  return {
    ...phone,
    async receives(channel, pattern) {
      await comes(`a message by ${channel} like ${pattern}`, (line) => !line.startsWith('call '));
      return phone.receives(channel, pattern);
    },
    async rings() {
      await comes('a call', (line) => line.startsWith('call '));
      return phone.rings();
    },
  };
}
