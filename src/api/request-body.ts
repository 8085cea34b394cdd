/** The largest body that the api reads. */
export const maxBodyBytes = 64 * 1024;

/** The text of a body; null when it is not valid UTF-8, where a replacement character would hide the damage. */
export function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}
