/** Removes addresses, people and ids from a text, because an SMS or a call must not reveal them. */

/** Marks what was removed: a private-use character, which no text contains. */
const removed = '\uE000';

/** Two labels or more, the last of letters, such as db1.internal or ab12345.eu-west-1.snowflakecomputing.com. */
const host = String.raw`(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]{1,62}`;
const quoted = String.raw`["'“”„‘’‚\x60«»]`;
const value = String.raw`(?:"[^"\n]*"|'[^'\n]*'|“[^”\n]*”|‘[^’\n]*’|\x60[^\x60\n]*\x60|\[[^\]\n]*\]|[^\s"'“”‘’,;)]+)`;
const labels = String.raw`server|host|hostname|machine|node|gateway|user|username|user name|login name|account|role|uid|principal|tenant|client|benutzer|konto|utilisateur|serveur|usuario|servidor|usuário|utente`;

const rules: [RegExp, string][] = [
  // user=svc, Server: db1, "account":"x"
  [
    new RegExp(
      String.raw`\b((?:${labels}|pwd|password|port|sid|pid|tid|site|session|request ?id|job)\s?["']?\s?[=:]\s?)${value}`,
      'gi',
    ),
    removed,
  ],
  // MySQL's 'user'@'host'
  [/'[^'\n]*'@'[^'\n]*'/g, removed],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'“”<>)\]]+/gi, removed],
  [/(?<![\w/])(?:[A-Z]:\\|\\\\)[^\s"'“”<>|,;]+/gi, removed],
  [/\b[a-z][\w.-]*\\(?!\\)[\w.$-]+/gi, removed],
  [/[\w.%+-]+@[\w-]+(?:\.[\w-]+)*/g, removed],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, removed],
  [/(?<![\w/])\/(?:[\w.@~+-]+\/)+[\w.@~+-]*/g, removed],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, removed],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}\b(?!:)/gi, removed],
  // The names of a program's own classes and files look like hosts; they are no secret, but no help either.
  [/\b[\w$]+\.(?:exe|dll|so|jar|java|cpp|cc|py|tde|hyper|tdsx?|twbx?|log|csv|xlsx?|json|xml)\b/gi, removed],
  [new RegExp(String.raw`(?<![\w.-])${host}(?::\d{1,5})?(?![\w-])`, 'gi'), removed],
  [/(?<![\w.-])localhost(?::\d{1,5})?/gi, removed],
  [/(?<![\w.-])[a-z][\w-]*:\d{2,5}\b/gi, removed],
  [/\bport\s+\d{2,5}\b/gi, removed],
  [/\b0x[0-9a-f]+\b/gi, removed],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, removed],
  [/\b\d{6,}\b/g, removed],
  // the server "DBPROD1", for user 'svc', role ANALYST_1
  [new RegExp(String.raw`\b((?:${labels}))\s+${quoted}[^"'“”„‘’‚«»\n]*${quoted}`, 'gi'), `$1 ${removed}`],
  [new RegExp(String.raw`\b((?:for|by|as) (?:user|login))\s+[\w.$\\-]+`, 'gi'), `$1 ${removed}`],
  [new RegExp(String.raw`\b(${labels})\s+(?=[\w.-]*[\d_$])[\w.$-]+`, 'gi'), `$1 ${removed}`],
  [new RegExp(String.raw`\b((?:[Uu]ser|[Aa]ccount|[Hh]ost|[Rr]ole))\s+[A-Z][A-Z0-9_.-]{2,}\b`, 'g'), `$1 ${removed}`],
];

/** Removes what is left around a mark, so that a call can still say the sentence. */
const tidying: [RegExp, string][] = [
  [new RegExp(String.raw`${quoted}\s*${removed}[^"'“”‘’\n]{0,3}${quoted}`, 'g'), removed],
  [new RegExp(String.raw`[([{]\s*(?:\w+\s*[=:]?\s*)?${removed}\s*[)\]}]`, 'g'), ''],
  [new RegExp(String.raw`${removed}(?:[\s,;:]*${removed})+`, 'g'), removed],
  [
    new RegExp(
      String.raw`\b(server|host|user|login|account|role|machine|file|path|address|site|job|id|url|port|node|database) ${removed}`,
      'gi',
    ),
    '$1',
  ],
  [new RegExp(String.raw`\b(?:to|at|on|from|by|for|in|of|as|with|via) ${removed}(?=[\s.,;:!?]|$)`, 'gi'), ''],
  [new RegExp(removed, 'g'), '…'],
  [/([.!?;])\s*…$/, '$1'],
  [/\s+([.,;:!?])/g, '$1'],
  [/(?:\s*[,;:]){2,}/g, ','],
  [/\s{2,}/g, ' '],
];

/** The text without hosts, addresses, ports, people, ids and paths. */
export function removeIdentifiers(text: string): string {
  const clean = text.replaceAll(removed, '');
  return [...rules, ...tidying].reduce((left, [what, instead]) => left.replace(what, instead), clean).trim();
}
