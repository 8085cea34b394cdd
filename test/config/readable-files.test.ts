import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesReadableByOthers } from '../../src/config/readable-files.js';

test('files with secrets and phone numbers that other users can read are named', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'modes-'));
  t.after(() => rm(directory, { recursive: true }));
  await chmod(directory, 0o755);
  const file = async (name: string, mode: number) => {
    await writeFile(join(directory, name), 'x');
    await chmod(join(directory, name), mode);
    return join(directory, name);
  };
  await mkdir(join(directory, 'closed'));
  const env = {
    API_TOKEN_FILE: await file('token', 0o644),
    TABLEAU_PAT_SECRET_FILE: await file('pat', 0o640),
    TWILIO_AUTH_TOKEN_FILE: await file('closed/token', 0o644),
    TEMPORAL_TLS_CLIENT_KEY_PATH: await file('key.pem', 0o604),
    TEMPORAL_API_KEY_FILE: join(directory, 'none'),
    ESCALATION_FILE: ' escalation.yaml ',
    TWILIO_API_SECRET_FILE: '',
  };
  await chmod(join(directory, 'closed'), 0o700);
  await file('.env', 0o644);
  await file('escalation.yaml', 0o444);
  const open = ['.env', 'token', 'key.pem', 'escalation.yaml'].map((name) => join(directory, name));
  assert.deepEqual(filesReadableByOthers(env, directory), open);
  await chmod(directory, 0o700);
  assert.deepEqual(filesReadableByOthers(env, directory), []);
});
