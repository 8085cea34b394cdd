import { jsonSchema } from '../../policy/json-schema.js';
import { withoutArguments } from '../arguments.js';

const usage = `Usage: tableau-webhooks policy schema

Prints the JSON Schema (draft 2020-12) of the escalation file. Editors complete and check a file by it. YAML's language server
finds it by a comment in the file: # yaml-language-server: $schema=./escalation.schema.json
`;

export const schema = withoutArguments('policy schema', usage, async () => {
  process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return 0;
});
