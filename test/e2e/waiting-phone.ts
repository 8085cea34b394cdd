import type { Sandbox } from '../../sandbox/sandbox.js';
import { phoneOf, type TestPhone } from '../helpers/phone.js';
import { slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';

/** A test phone with long timeouts: processes start, and Temporal needs 10 s to notice a dead worker. */
export function waitingPhone(sandbox: Sandbox, number: string): TestPhone {
  const phone = phoneOf(sandbox, number);
  const waitFor = (what: string, isIt: (line: string) => boolean) =>
    until(
      () => `${what}; there is ${JSON.stringify(phone.unexpected())}`,
      () => phone.unexpected().some(isIt),
      slowMachineTimeoutMs,
    );
  return {
    ...phone,
    async receives(channel, pattern) {
      await waitFor(`a message by ${channel} like ${pattern}`, (line) => !line.startsWith('call '));
      return phone.receives(channel, pattern);
    },
    async rings() {
      await waitFor('a call', (line) => line.startsWith('call '));
      return phone.rings();
    },
  };
}
