/**
 * Removes addresses, people, credentials and ids from a text, because an SMS or a call must not reveal them, and a history keeps them.
 * Every pattern is linear: none begins at more than one place of a run that it takes whole.
 */

/** Marks what was removed: a private-use character. */
export const mark = '\uE000';
export const withoutMarks = (text: string): string => text.replaceAll(mark, '');

/** Two labels or more, the last of letters, such as db1.internal or ab12345.eu-west-1.snowflakecomputing.com. */
const host = String.raw`(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]{1,62}`;
const quoted = String.raw`["'“”„‘’‚\x60«»]`;
/** To the end of the text where it is not closed: the text may have been cut. */
const quotedValue = String.raw`(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|“[^“”]*(?:”|$)|„[^„“”]*(?:[“”]|$)|‘[^‘’]*(?:’|$)|\x60[^\x60]*(?:\x60|$)|\[[^[\]]*(?:\]|$)|\{[^{}]*(?:\}|$))`;
const value = String.raw`(?:${quotedValue}|[^\s"'“”‘’,;)]+)`;
const labels = String.raw`server|host|hostname|machine|node|gateway|user|username|user name|login name|account|role|uid|principal|tenant|client|benutzer|konto|utilisateur|serveur|usuario|servidor|usuário|utente`;
const otherLabels = String.raw`user ?id|data ?source|initial catalog|database|catalog|warehouse|dsn|addr|address|endpoint|port|sid|pid|tid|site|session|request ?id|job`;
const secretLabels = String.raw`password|passwd|passphrase|passcode|passwort|kennwort|contraseña|senha|mot de passe|pwd|pass|pw|secret|credentials?|token|signature|sig|(?:api|access|account|private|secret|shared)[ _-]?key`;
/** After "password is": what is no password. */
const noSecret = String.raw`(?:a|an|about|already|blank|changed|correct|disabled|empty|entered|expired|expiring|given|going|in|incorrect|invalid|locked|missing|mandatory|needed|no|not|null|old|on|out|provided|really|rejected|required|reset|revoked|specified|stale|supplied|the|too|unknown|unset|used|weak|wrong)\b`;
/** After "to server": what is no name. */
const noName = String.raw`(?:is|was|has|had|and|or|for|with|in|at|on|by|as|of|to|due|using|via|not|could|did|does|may|might|will|that|which|because|while|when|but|after|before|closed|refused|failed|timed|returned|rejected|responded|unexpectedly|name|names|side|error|version)\b`;

/** Before a line is divided at the semicolons of a connection string, which a quoted value may hold. */
const quotedSecrets: [RegExp, string][] = [
  [new RegExp(String.raw`<(?:${secretLabels}|${labels}|${otherLabels})(?: [^<>]{0,80})?>[^<]*`, 'gi'), mark],
  [new RegExp(String.raw`(?:${secretLabels})["']?\s?[=:]\s?${quotedValue}`, 'gi'), mark],
];

const secrets: [RegExp, string][] = [
  // password: x, token=x
  [new RegExp(String.raw`(?:${secretLabels})["']?\s?[=:]\s?[^\s;]*[^\s;)]`, 'gi'), mark],
  [new RegExp(String.raw`\b(${secretLabels})\s(?:(?:is|was)\s)?${quotedValue}`, 'gi'), `$1 ${mark}`],
  [new RegExp(String.raw`\b((?:${secretLabels})\s(?:is|was))\s(?!${noSecret})\S+`, 'gi'), `$1 ${mark}`],
  [new RegExp(String.raw`\b((?:with|using) (?:the )?(?:${secretLabels}))\s(?!${noSecret})\S+`, 'gi'), `$1 ${mark}`],
  [/\b(password|passwd|pwd|secret)\s(?=[^\s\d]*\d)\S+/gi, `$1 ${mark}`],
  [new RegExp(String.raw`\b(identified by)\s(?:${quotedValue}|\S+)`, 'gi'), `$1 ${mark}`],
  [/\b(bearer|basic)\s[\w.~+/=-]{8,}/gi, `$1 ${mark}`],
  // sqlplus svc/secret@db, bcp -U svc -P secret
  [/(?<![^\s"'(=])[^\s"'@/()=]+\/[^\s"'@]*@[^\s"']+/g, mark],
  [/(?<=\s)-[up]\s?[^\s-]\S*/gi, mark],
];

const replaced = (text: string, rules: readonly [RegExp, string][]): string =>
  rules.reduce((left, [what, instead]) => left.replace(what, instead), text);

/** A line with marks in place of passwords, and of all values of a connection string. Before a line is divided into sentences. */
export const markSecrets = (line: string): string =>
  replaced(withoutConnectionStrings(replaced(line, quotedSecrets)), secrets);

/** Values may have blanks, but for the last one, which other words may follow. */
function withoutConnectionStrings(text: string): string {
  const parts = text.split(';');
  if (parts.filter((part) => part.includes('=')).length < 2) return text;
  const last = parts.length - 1;
  return parts
    .map((part, n) => {
      const at = part.indexOf('=') + 1;
      if (at === 0) return part;
      return n < last ? part.slice(0, at) + mark : part.replace(/=\s?[^\s)]+/, `=${mark}`);
    })
    .join(';');
}

const identifiers: [RegExp, string][] = [
  // user=svc, Server: db1, "account":"x"
  [new RegExp(String.raw`\b((?:${labels}|${otherLabels})\s?["']?\s?[=:]\s?)${value}`, 'gi'), mark],
  // MySQL's 'user'@'host'
  [/'[^']*'@'[^']*'/g, mark],
  [/(?<![a-z0-9+.-])[a-z0-9+.-]{2,}:\/\/[^\s"'“”<>)\]]+/gi, mark],
  [/(?<![\w/])(?:[A-Z]:\\|\\\\)[^\s"'“”<>|,;]+/gi, mark],
  [/(?<![\w.-])[\w.-]+\\(?!\\)[\w.$-]+/gi, mark],
  [/(?<![\w.%+-])[\w.%+-]+@[\w-]+(?:\.[\w-]+)*/g, mark],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, mark],
  [/(?<![\w/.@~+-])\/(?:[\w.@~+-]+\/)+[\w.@~+-]*/g, mark],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, mark],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}\b(?!:)/gi, mark],
  // The names of a program's own classes and files look like hosts; they are no secret, but no help either.
  [/(?<![\w$])[\w$]+\.(?:exe|dll|so|jar|java|cpp|cc|py|tde|hyper|tdsx?|twbx?|log|csv|xlsx?|json|xml)\b/gi, mark],
  [new RegExp(String.raw`(?<![\w.-])${host}(?::\d{1,5})?(?![\w-])`, 'gi'), mark],
  [/(?<![\w.-])localhost(?::\d{1,5})?/gi, mark],
  [/(?<![\w.-])[a-z][\w-]*:\d{2,5}\b/gi, mark],
  [/\bport\s\d{2,5}\b/gi, mark],
  [/\b0x[0-9a-f]+\b/gi, mark],
  [/\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b/gi, mark],
  [/\b\d{6,}\b/g, mark],
  // the server "DBPROD1", for user 'svc', role ANALYST_1
  [new RegExp(String.raw`\b((?:${labels}))\s${quoted}[^"'“”„‘’‚«»]*(?:${quoted}|$)`, 'gi'), `$1 ${mark}`],
  [new RegExp(String.raw`\b((?:for|by|as) (?:user|login))\s[\w.$\\-]+`, 'gi'), `$1 ${mark}`],
  [
    new RegExp(String.raw`\b((?:to|at|on|from) (?:the )?(?:server|host|machine|node))\s(?!${noName})[\w.$-]+`, 'gi'),
    `$1 ${mark}`,
  ],
  [new RegExp(String.raw`\b(${labels})\s(?=[\w.-]*[\d_$])[\w.$-]+`, 'gi'), `$1 ${mark}`],
  [new RegExp(String.raw`\b((?:[Uu]ser|[Aa]ccount|[Hh]ost|[Rr]ole))\s[A-Z][A-Z0-9_.-]{2,}\b`, 'g'), `$1 ${mark}`],
];

/** Removes what is left around a mark, so that a call can still say the sentence. White space is one blank here. */
const tidying: [RegExp, string][] = [
  [new RegExp(String.raw`${quoted} ?${mark}[^"'“”‘’]{0,3}${quoted}`, 'g'), mark],
  [new RegExp(String.raw`[([{] ?(?:\w{1,40} ?[=:]? ?)?${mark} ?[)\]}]`, 'g'), ''],
  [new RegExp(String.raw`${mark}(?:[ ,;:]*${mark})+`, 'g'), mark],
  [
    new RegExp(
      String.raw`\b(server|host|user|login|account|role|machine|file|path|address|site|job|id|url|port|node|database) ${mark}`,
      'gi',
    ),
    '$1',
  ],
  [new RegExp(String.raw`\b(?:to|at|on|from|by|for|in|of|as|with|via) ${mark}(?=[ .,;:!?]|$)`, 'gi'), ''],
  [new RegExp(mark, 'g'), '…'],
  [/([.!?;]) ?…$/, '$1'],
  [/(?<! ) +([.,;:!?])/g, '$1'],
  [/(?:[,;:] ?){2,}/g, ', '],
  [/ {2,}/g, ' '],
];

/** The text in one line, without hosts, addresses, ports, people, ids and paths, and without what `markSecrets` has marked. */
export function removeIdentifiers(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return replaced(line, [...identifiers, ...tidying]).trim();
}
