import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { at, commands, filesUnder, isThere, manifest, read } from './files.js';

const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesUnder('docs', '.md')];
const prose = documents.map((file) => ({ file, text: read(file).replaceAll(/<!--[^]*?-->/g, '') }));

/** Each line of a shell block, without its comment, cut at && and |. */
const shell = prose.flatMap(({ file, text }) =>
  [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
      .filter(Boolean)
      .flatMap((line) => line.split(/ (?:&&|\|) /))
      .map((command) => ({ file, command })),
  ),
);
/** And code within a sentence. */
const inline = prose.flatMap(({ file, text }) =>
  [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, command = '']) => ({ file, command })),
);
const starts = (...words: string[]) =>
  [...shell, ...inline].filter(({ command }) => words.some((word) => command.startsWith(`${word} `)));

describe('the commands in the documents', () => {
  test('are of known programs', () => {
    const known = /^(npm|node dist\/main\.js|sh compose\/\w+\.sh|docker compose|heroku|cp|git|[A-Z_]+=)/;
    for (const { file, command } of shell) assert.match(command, known, file);
  });

  test('of our command line lead nowhere before a build: npx finds no program then', () => {
    const files = [...documents, '.env.example', 'sandbox/README.md', ...filesUnder('postman', '.json')];
    for (const file of files) assert.doesNotMatch(read(file), /npx tableau-webhooks/, file);
    assert.match(manifest.scripts['tableau-webhooks'] ?? '', /^node scripts\/setup\.mjs && node dist\/main\.js$/);
  });

  test('of npm run existing scripts', () => {
    const run = starts('npm').map(({ file, command }) => ({ file, script: command.replace(/^npm (run )?(-s )?/, '') }));
    assert.ok(run.length > 5);
    for (const { file, script } of run) {
      const [name = ''] = script.split(/[ :]/);
      assert.ok(['ci', 'install', 'audit'].includes(name) || name in manifest.scripts, `${file}: npm run ${script}`);
    }
  });

  test('of our command line have existing subcommands and options', () => {
    const prefixes = [
      'npm run -s tableau-webhooks --',
      'heroku run -- node dist/main.js',
      'docker compose run --rm admin',
      'node dist/main.js',
      'tableau-webhooks',
    ];
    const prefix = new RegExp(`^(${prefixes.join('|')}) `);
    const commandLines = starts(...prefixes, 'webhooks', 'whatsapp');
    assert.ok(commandLines.length > 20);
    const sources = [...filesUnder('src/commands', '.ts'), ...filesUnder('demo', '.ts')].map(read).join('\n');
    for (const { file, command } of commandLines) {
      const [name = '', ...more] = command.replace(prefix, '').split(' ');
      assert.ok(commands.includes(name) || name.startsWith('<'), `${file}: ${command}`);
      for (const option of more.filter((it) => it.startsWith('--'))) {
        const [word = ''] = option.slice(2).split('=');
        assert.match(sources, new RegExp(`['"]?${word}['"]?: \\{ type: '|${option}`), `${file}: ${command}`);
      }
    }
  });

  test('of demo, chaos and bench have existing options, and the README explains those of the demo', () => {
    const tools = { demo: 'demo', chaos: 'test/chaos', bench: 'test/bench' };
    const used = Object.entries(tools).flatMap(([tool, directory]) => {
      const sources = filesUnder(directory, '.ts').map(read).join('\n');
      return starts(`npm run ${tool} --`).flatMap(({ file, command }) =>
        [...command.matchAll(/ --([a-z]+)/g)].map(([, option = '']) => {
          assert.match(sources, new RegExp(`(^| )${option}: |--${option}\\b`, 'm'), `${file}: ${command}`);
          return `${file} ${tool} ${option}`;
        }),
      );
    });
    for (const option of ['waits', 'keep']) assert.ok(used.includes(`README.md demo ${option}`), option);
    assert.ok(used.length > 5);
  });

  test('of Compose name existing services', () => {
    const services = [...read('docker-compose.yml').matchAll(/^ {2}([a-z-]+):$/gm)].map(([, name]) => name);
    const subcommands = ['build', 'up', 'ps', 'exec', 'restart', 'stop', 'config', 'logs', 'kill', 'run'];
    for (const { file, command } of starts('docker compose')) {
      const [subcommand = '', ...rest] = command.split(' ').slice(2);
      assert.ok(subcommands.includes(subcommand), `${file}: ${command}`);
      const words = rest.slice(0, rest.findIndex((it) => /^(admin|node|pg_|psql)/.test(it)) + 1 || undefined);
      const named = words.filter(
        (it) => /^[a-z-]+$/.test(it) && !it.startsWith('-') && !/^(node|psql|pg_\w+)$/.test(it),
      );
      for (const name of named) assert.ok(services.includes(name), `${file}: ${command} names ${name}`);
    }
  });
});

/** The anchors of the headings of a document, as GitHub makes them. */
const anchorsOf = (text: string): string[] =>
  [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('every link within the repository has a target, and every picture exists and is small', () => {
  for (const { file, text } of prose) {
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:)/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const linked = path === '' ? file : join(dirname(file), path);
      assert.ok(isThere(linked), `${file} links to ${target}`);
      if (anchor !== undefined) assert.ok(anchorsOf(read(linked)).includes(anchor), `${file} links to ${target}`);
    }
  }
  const pictures = filesUnder('docs/pictures', '.png');
  const size = pictures.reduce((sum, file) => sum + statSync(at(file)).size, 0);
  assert.ok(pictures.length > 0 && size < 600_000);
});

test('the layout in CONTRIBUTING.md has every folder of the repository and of src, and each that it has is there', () => {
  const foldersIn = (directory: string): string[] =>
    readdirSync(at(directory), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^\.|^(node_modules|dist)$/.test(entry.name))
      .map(({ name }) => name);
  const [, layout = ''] = /## Layout\n\n```\n([^]*?)```/.exec(read('CONTRIBUTING.md')) ?? [];
  const rows: string[] = [];
  for (const line of layout.split('\n')) {
    const [, indent = '', name] = /^( {0,2})([\w-]+)\/(?= |$)/.exec(line) ?? [];
    if (name !== undefined) rows.push(indent === '' ? name : join('src', name));
    for (const [, folder = ''] of line.matchAll(/([\w-]+)\//g))
      assert.ok(
        ['', 'src', rows.at(-1) ?? ''].some((place) => isThere(join(place, folder))),
        `${folder}/ in: ${line}`,
      );
  }
  const folders = [...foldersIn('.'), ...foldersIn('src').map((name) => join('src', name))];
  assert.deepEqual(rows.toSorted(), folders.toSorted());
  assert.deepEqual(
    foldersIn('src/workflows').filter((name) => !layout.includes(`${name}/`)),
    [],
  );
});

test('every file of ours that the documents name exists', () => {
  const ours =
    /^(src|sandbox|demo|docs|test|scripts|compose|config|postman|\.ci|\.github)\/[\w./-]*\w$|^(Dockerfile|Procfile|app\.json|docker-compose\.yml|\.env\.example)$/;
  const made = ['config/escalation.yaml'];
  for (const { file, command } of inline) {
    if (ours.test(command) && !made.includes(command)) assert.ok(isThere(command), `${file} names ${command}`);
  }
});

test('every alarm that the code can raise is in docs/operations.md', () => {
  const codesIn = (directory: string, pattern: RegExp): string[] =>
    filesUnder(directory, '.ts').flatMap((file) => [...read(file).matchAll(pattern)].map(([, name = '']) => name));
  const wanted = new Set([
    ...codesIn('src', /alarm: '([a-z-]+)'/g),
    ...codesIn('src/api', /code: '([a-z-]+)',\s+message/g),
    ...codesIn('src/api', /'([a-z]+-limit)'/g),
    ...codesIn('src/workflows/pager', /^export const \w+ = '(contact-[a-z]+)';/gm),
    // A send that is rescheduled raises none.
    ...codesIn('src/twilio', /(?<!type: 'rescheduled',\s+)code: '([a-z-]+)'/g).map((word) => `twilio-${word}`),
  ]);
  const known = read('docs/operations.md').split('## Alarms')[1] ?? '';
  assert.ok(wanted.size >= 9, [...wanted].join(', '));
  for (const name of wanted) assert.ok(known.includes(`\`${name}\``), `docs/operations.md lacks ${name}`);
});

describe('docs/log.md', () => {
  const sources = filesUnder('src', '.ts').map(read);
  const [, decisions = ''] = /const logged[^{]*\{([^]*?)\n\};/.exec(read('src/workflows/incident/timeline.ts')) ?? [];
  const messages = [
    ...[...decisions.matchAll(/: '([^']+)'/g)].map(([, message = '']) => message),
    ...sources.flatMap((text) => [...text.matchAll(/logInfo\(\w+, '([^']+)'/g)].map(([, message = '']) => message)),
    ...['src/api/routes/notifier.ts', 'src/api/routes/answers.ts']
      .concat(filesUnder('src/api/routes', '.ts').filter((file) => file.includes('twilio-')))
      .flatMap((file) => [...read(file).matchAll(/log\.info\([^']*'([^']+)'\)/g)].map(([, message = '']) => message)),
  ];
  const rows = read('docs/log.md')
    .split('\n')
    .filter((line) => line.startsWith('| `') && !line.startsWith('| `msg`'))
    .map((line) => (line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g))
    .flatMap((words) => [...words].map(([, word = '']) => word));

  test('has every line about an event, a page, a reply or a decision', () => {
    assert.ok(new Set(messages).size > 18, messages.join(', '));
    for (const message of messages) assert.ok(rows.includes(message), `docs/log.md lacks "${message}"`);
  });

  test('has no line that the code does not write', () => {
    // Composed in src/workflows/pager/state.ts: what it carries, and what became of it.
    const composed = ['page sent', 'page held', 'page failed', 'notice sent', 'held', 'failed'];
    for (const row of rows.filter((it) => !composed.includes(it)))
      assert.ok(
        sources.some((text) => text.includes(`'${row}'`)),
        `nothing logs "${row}"`,
      );
  });
});

test('every decision is in the index under its title, and has status, context, decision and consequences', () => {
  const records = filesUnder('docs/decisions', '.md').filter((file) => !file.endsWith('README.md'));
  const rows = [...read('docs/decisions/README.md').matchAll(/^\| \[(\d+)\]\(([^)]+)\) +\| (.+?) +\|$/gm)];
  const listed = rows.map(([, number, file, title]) => [`docs/decisions/${file}`, `# ${number}. ${title}`]);
  assert.ok(records.length >= 13);
  assert.deepEqual(
    listed,
    records.toSorted().map((file) => [file, read(file).split('\n')[0]]),
  );
  for (const file of records) {
    const headings = [...read(file).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, ['Status', 'Context', 'Decision', 'Consequences'], file);
  }
});

test('the documents and the code use the terms of the field', () => {
  const words = /\b(house|crew|mailbox|patient|desk|unheard|mend|ladder|rung)\b/i;
  for (const file of [...documents, ...filesUnder('src', '.ts')]) assert.doesNotMatch(read(file), words, file);
});
