const secretKeys = 'authorization|cookie|signature|token|secret|password|api-?_?key|x-tableau-auth';
const personalKeys = 'body|digits|contentvariables|profilename';
const isHidden = new RegExp(`${secretKeys}|^(?:${personalKeys})$`, 'i');
/** A key of JSON with its text. Keys are short: what is longer is none of ours. */
const field = /"([^"\\]{1,200})":"[^"\\]*(?:\\.[^"\\]*)*"/g;

/**
 * A text, or a line of JSON, without phone numbers (`+1******0001`), credentials, the secret in the address given to
 * Tableau, the tokens of links, the text of replies, and the given secrets.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 6)
      clean = clean.replaceAll(secret, '***').replaceAll(JSON.stringify(secret).slice(1, -1), '***');
  }
  return clean
    .replace(field, (whole, key: string) => (isHidden.test(key) && !whole.endsWith(':""') ? `"${key}":"***"` : whole))
    .replace(/(\+|%2B)([1-9])\d{2,9}(\d{4})(?!\d)/gi, '$1$2******$3')
    .replace(/\b(Bearer|Basic) [\w.~+/=-]+/gi, '$1 ***')
    .replace(/(\/notifier\/)[^\s?#"'/\\]+/gi, '$1***')
    .replace(/(\/i\/)[\w-]{32}(?![\w-])/g, '$1***')
    .replace(/([?&](?:secret|token)=)[^\s&#"'\\]+/gi, '$1***');
}
