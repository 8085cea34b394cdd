/** Searches for marks (words that must not appear) in every encoding in which they could appear. */

/** Verbatim, without plus or spaces, in an address, in JSON, and in base64 at each of the three offsets. */
function formsOf(mark: string): string[] {
  const digits = mark.replaceAll(/\D/g, '');
  const plain = [mark, mark.replaceAll(' ', '')];
  const number = /^\+\d{8,}$/.test(mark) ? [digits, digits.slice(1), digits.slice(-9)] : [];
  const written = [encodeURIComponent(mark), mark.replaceAll(' ', '+'), JSON.stringify(mark).slice(1, -1)];
  const inBase64 = [0, 1, 2].map((before) => {
    const text = Buffer.from('x'.repeat(before) + mark).toString('base64');
    // Without the characters that depend on the bytes around the mark.
    return text.slice(before === 0 ? 0 : 4, Math.floor(((before + Buffer.byteLength(mark)) * 4) / 3 / 4) * 4);
  });
  return [...new Set([...plain, ...number, ...written, ...inBase64])].filter((form) => form.length >= 5);
}

/** Every occurrence of a mark, with its surroundings. */
export function leaksIn(where: string, text: string, marks: readonly string[]): string[] {
  const lower = text.toLowerCase();
  return marks.flatMap((mark) =>
    formsOf(mark).flatMap((form) => {
      const at = lower.indexOf(form.toLowerCase());
      return at < 0 ? [] : [`${where} has ${form}: …${text.slice(Math.max(0, at - 120), at + form.length + 60)}…`];
    }),
  );
}
