import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.js';
import { loadConfig } from '../../src/config/config.js';
import { knownNames, misspelt } from '../../src/config/misspelt.js';
import { explained, production } from '../packaging/files.js';

test('a name that is nearly one of ours is named with the right one', () => {
  const pairs = {
    TWILIO_TO_NUMBR: 'TWILIO_TO_NUMBER',
    TWILIO_TO_NUMBERS: 'TWILIO_TO_NUMBER',
    TABLUEA_DOMAIN: 'TABLEAU_DOMAIN',
    TABLEAU_SITE_NAME: 'TABLEAU_SITENAME',
    TABLEAU_PAT_SECERT_FILE: 'TABLEAU_PAT_SECRET_FILE',
    ESCALATION_FIEL: 'ESCALATION_FILE',
    TEMPORAL_ADRESS: 'TEMPORAL_ADDRESS',
    whatsapp_from: 'WHATSAPP_FROM',
    TRUSTED_PROXY: '',
  };
  for (const [name, known] of Object.entries(pairs)) {
    const found = misspelt({ [name]: 'sesame' });
    assert.deepEqual(found, known === '' ? [] : [`${name} is set and has no effect: is it ${known}?`], name);
  }
});

test('names of others, empty variables, and every name of ours are left alone', () => {
  const foreign = [
    'HOSTNAME',
    'PATH',
    'PORTS',
    'HOME',
    'npm_config_cache',
    'TWILIO_WORKSPACE_SID',
    'TEMPORAL_GRPC_META_X',
  ];
  for (const name of [...foreign, ...explained()]) assert.deepEqual(misspelt({ [name]: 'x' }), [], name);
  assert.deepEqual(misspelt({ TWILIO_TO_NUMBR: ' ' }), []);
  for (const name of explained()) assert.ok(knownNames.has(name), name);
});

test('where variables are missing, the suggestion stands beside them', () => {
  const { TWILIO_TO_NUMBER, ...rest } = production;
  assert.throws(
    () => loadConfig({ ...rest, TWILIO_TO_NUMBR: TWILIO_TO_NUMBER }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      const [missing = '', hint = '', ...more] = error.problems;
      assert.match(missing, /^TWILIO_TO_NUMBER or ESCALATION_FILE is missing/);
      assert.match(hint, /^TWILIO_TO_NUMBR is set and has no effect: is it TWILIO_TO_NUMBER\?$/);
      assert.deepEqual(more, []);
      return true;
    },
  );
});
