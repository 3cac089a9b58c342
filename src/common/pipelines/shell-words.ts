const SAFE_WORD = /^[\w@%+=:,./-]+$/;
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069\u{FFFD}]/u;

/** The arguments as one could type them in a shell, each exactly what the program got. */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}

/** One argument, quoted where a shell would read it otherwise; what cannot be seen is written with its number. */
export function quoteWord(word: string): string {
  if (SAFE_WORD.test(word)) return word;
  if (!UNPRINTABLE.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = Array.from(word, (character) => (UNPRINTABLE.test(character) ? escapeUnseen(character) : escapeQuoted(character)));
  return `$'${escaped.join('')}'`;
}

function escapeQuoted(character: string): string {
  return character === "'" || character === '\\' ? `\\${character}` : character === '\n' ? '\\n' : character === '\t' ? '\\t' : character;
}

function escapeUnseen(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
