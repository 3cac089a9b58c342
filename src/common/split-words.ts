/** Splits a command that is given as one text into words, as a shell would, without expanding anything. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]|[^\s'"\\])+)/gy;
  for (const [, word] of line.matchAll(pattern)) words.push(unquote(word));
  return words;
}

function unquote(word: string): string {
  return word.replaceAll(/'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])/g, (_all, single?: string, double?: string, escaped?: string) => {
    if (single !== undefined) return single;
    return double === undefined ? (escaped ?? '') : double.replaceAll(/\\(["\\$`])/g, '$1');
  });
}
