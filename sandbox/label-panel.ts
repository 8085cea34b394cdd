/** Labels of data sources as people see and change them in Tableau, for tests. */
import { randomUUID } from 'node:crypto';
import type { Label } from './tableau/labels.js';
import type { Tableau } from './tableau/tableau.js';
import type { User } from './tableau/world.js';

export interface LabelPanel {
  /** All labels, or those of one data source: `value: message (full name of the owner)`. */
  list: (datasource?: string) => string[];
  /** A person sets a label, or edits the one of the same category. By default a warning. */
  set: (datasource: string, message: string, how?: { by?: string; value?: string }) => Label;
  /** A person removes all labels of a data source. */
  remove: (datasource: string) => void;
}

export const createLabelPanel = ({ state, labels }: Tableau): LabelPanel => {
  const person = (fullName: string): User => {
    const known = [...state.users.values()].find((user) => user.fullName === fullName);
    if (known) return known;
    const user = { luid: randomUUID(), name: fullName, fullName, email: 'somebody@example.com' };
    state.users.set(user.luid, user);
    return user;
  };
  const of = (datasource?: string): Label[] =>
    labels.list().filter(({ contentLuid }) => datasource === undefined || contentLuid === datasource);
  return {
    list: (datasource) => of(datasource).map(({ value, message, owner }) => `${value}: ${message} (${owner.fullName})`),
    set: (datasource, message, { by = 'Sam Steward', value = 'Warning' } = {}) =>
      labels.put(datasource, value, message, person(by)),
    remove: (datasource) => of(datasource).forEach(({ luid }) => labels.remove(luid)),
  };
};
