const ESCAPED = /[!%_]/g;

/**
 * What a column in small letters has to look like to hold some words: `LOWER(name) LIKE :pattern ESCAPE '!'`. Names are stored in the
 * composed form of Unicode, so what is looked for is brought into it.
 */
export function likeWords(words: string): string {
  return `%${words.trim().normalize('NFC').toLowerCase().replace(ESCAPED, '!$&')}%`;
}

/** SQLite's own LOWER knows the letters of English alone: with this one "ä" finds "Ä", as in MariaDB. */
export function lowerOfAllLetters(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}
