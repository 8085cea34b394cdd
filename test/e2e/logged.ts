import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Program } from '../helpers/processes.js';

const Line = Type.Object({ msg: Type.String(), level: Type.String() });

/** How many lines at level info with this message a program has logged. */
export const logged = ({ output }: Program, msg: string): number =>
  output()
    .split('\n')
    .flatMap((line) => {
      const parsed: unknown = line.startsWith('{') ? JSON.parse(line) : null;
      return Value.Check(Line, parsed) && parsed.level === 'info' && parsed.msg === msg ? [parsed] : [];
    }).length;
