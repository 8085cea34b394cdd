import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { packageFile } from '../config/places.js';

/** The version of this service, from package.json. */
export const version = (): string =>
  Value.Parse(Type.Object({ version: Type.String() }), JSON.parse(readFileSync(packageFile, 'utf8'))).version;
