/** The text of a body, nothing of it dropped; null when it is not UTF-8. A character that stands in for a broken one would lie. */
export function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}
