/** Takes out of a text what tells where things are and who uses them: an SMS or a voice must not say it. */

const gone = '\uE000';

/** Two labels or more, the last of letters, such as db1.internal or ab12345.eu-west-1.snowflakecomputing.com. */
const host = String.raw`(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]{1,62}`;
const quoted = String.raw`["'“”„‘’‚\x60«»]`;
const value = String.raw`(?:"[^"\n]*"|'[^'\n]*'|“[^”\n]*”|‘[^’\n]*’|\x60[^\x60\n]*\x60|\[[^\]\n]*\]|[^\s"'“”‘’,;)]+)`;
const whose = String.raw`server|host|hostname|machine|node|gateway|user|username|user name|login name|account|role|uid|principal|tenant|client|benutzer|konto|utilisateur|serveur|usuario|servidor|usuário|utente`;

const rules: [RegExp, string][] = [
  // user=svc, Server: db1, "account":"x"
  [
    new RegExp(
      String.raw`\b((?:${whose}|pwd|password|port|sid|pid|tid|site|session|request ?id|job)\s?["']?\s?[=:]\s?)${value}`,
      'gi',
    ),
    gone,
  ],
  // MySQL's 'user'@'host'
  [/'[^'\n]*'@'[^'\n]*'/g, gone],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'“”<>)\]]+/gi, gone],
  [/(?<![\w/])(?:[A-Z]:\\|\\\\)[^\s"'“”<>|,;]+/gi, gone],
  [/\b[a-z][\w.-]*\\(?!\\)[\w.$-]+/gi, gone],
  [/[\w.%+-]+@[\w-]+(?:\.[\w-]+)*/g, gone],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, gone],
  [/(?<![\w/])\/(?:[\w.@~+-]+\/)+[\w.@~+-]*/g, gone],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, gone],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}\b(?!:)/gi, gone],
  // The names of a program's own classes and files look like hosts; they are no secret, but no help either.
  [/\b[\w$]+\.(?:exe|dll|so|jar|java|cpp|cc|py|tde|hyper|tdsx?|twbx?|log|csv|xlsx?|json|xml)\b/gi, gone],
  [new RegExp(String.raw`(?<![\w.-])${host}(?::\d{1,5})?(?![\w-])`, 'gi'), gone],
  [/(?<![\w.-])localhost(?::\d{1,5})?/gi, gone],
  [/(?<![\w.-])[a-z][\w-]*:\d{2,5}\b/gi, gone],
  [/\bport\s+\d{2,5}\b/gi, gone],
  [/\b0x[0-9a-f]+\b/gi, gone],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, gone],
  [/\b\d{6,}\b/g, gone],
  // the server "DBPROD1", for user 'svc', role ANALYST_1
  [new RegExp(String.raw`\b((?:${whose}))\s+${quoted}[^"'“”„‘’‚«»\n]*${quoted}`, 'gi'), `$1 ${gone}`],
  [new RegExp(String.raw`\b((?:for|by|as) (?:user|login))\s+[\w.$\\-]+`, 'gi'), `$1 ${gone}`],
  [new RegExp(String.raw`\b(${whose})\s+(?=[\w.-]*[\d_$])[\w.$-]+`, 'gi'), `$1 ${gone}`],
  [new RegExp(String.raw`\b((?:[Uu]ser|[Aa]ccount|[Hh]ost|[Rr]ole))\s+[A-Z][A-Z0-9_.-]{2,}\b`, 'g'), `$1 ${gone}`],
];

/** Tidies what is left around a hole, so that the sentence can still be read aloud. */
const tidying: [RegExp, string][] = [
  [new RegExp(String.raw`${quoted}\s*${gone}[^"'“”‘’\n]{0,3}${quoted}`, 'g'), gone],
  [new RegExp(String.raw`[([{]\s*(?:\w+\s*[=:]?\s*)?${gone}\s*[)\]}]`, 'g'), ''],
  [new RegExp(String.raw`${gone}(?:[\s,;:]*${gone})+`, 'g'), gone],
  [
    new RegExp(
      String.raw`\b(server|host|user|login|account|role|machine|file|path|address|site|job|id|url|port|node|database) ${gone}`,
      'gi',
    ),
    '$1',
  ],
  [new RegExp(String.raw`\b(?:to|at|on|from|by|for|in|of|as|with|via) ${gone}(?=[\s.,;:!?]|$)`, 'gi'), ''],
  [new RegExp(gone, 'g'), '…'],
  [/([.!?;])\s*…$/, '$1'],
  [/\s+([.,;:!?])/g, '$1'],
  [/(?:\s*[,;:]){2,}/g, ','],
  [/\s{2,}/g, ' '],
];

/** The text without hosts, addresses, ports, people, ids and paths. Idempotent as far as people can see. */
export function discreet(text: string): string {
  const clean = text.replaceAll(gone, '');
  return [...rules, ...tidying].reduce((left, [what, instead]) => left.replace(what, instead), clean).trim();
}
