const secretKey =
  /authorization|cookie|signature|token|secret|password|api-?_?key|x-tableau-auth|^(?:body|digits|contentvariables|profilename)$/i;
/** A field of JSON with a text. Its key is bounded and looked at apart: both in one pattern take minutes for 1 MB of "token". */
const field = /"([^"\\]{1,200})":"(?:[^"\\]|\\.)+"/g;

/**
 * A text, or a line of JSON, without phone numbers (`+1******0001`), credentials, the secret in the address given to
 * Tableau, the text of replies, and the given secrets.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 6)
      clean = clean.replaceAll(secret, '***').replaceAll(JSON.stringify(secret).slice(1, -1), '***');
  }
  return clean
    .replace(field, (whole: string, key: string) => (secretKey.test(key) ? `"${key}":"***"` : whole))
    .replace(/(\+|%2B)([1-9])\d{2,9}(\d{4})(?!\d)/gi, '$1$2******$3')
    .replace(/\b(Bearer|Basic) [\w.~+/=-]+/gi, '$1 ***')
    .replace(/(\/notifier\/)[^\s?#"'/\\]+/gi, '$1***')
    .replace(/([?&](?:secret|token)=)[^\s&#"'\\]+/gi, '$1***');
}
