/** Names of pipelines and parameters. */

const PIPELINE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
const PARAMETER = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Words that mean something else in argument templates or in JavaScript objects. */
const RESERVED = new Set(['__proto__', 'outputFolder']);

export function isPipelineId(name: string): boolean {
  return PIPELINE_ID.test(name);
}

export function isParameterName(name: string): boolean {
  return PARAMETER.test(name) && !RESERVED.has(name);
}

/** A name for people: `min_area` → "Min area", `inputMask` → "Input mask", `fasta-stats` → "Fasta stats"; other capitals within stay. */
export function readableName(name: string): string {
  const words = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z]{2})([A-Z])(?=[a-z])/g, (_, before: string, capital: string) => `${before} ${capital.toLowerCase()}`)
    .trim();
  return words === '' ? name : words[0].toUpperCase() + words.slice(1);
}

/** The listed name that `word` was probably meant to be, or undefined if none is near. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.name : undefined;
}

/** How many letters to change, add, drop or swap with a neighbour. */
function editDistance(from: string, to: string): number {
  const first = Array.from({ length: to.length + 1 }, (_, index) => index);
  const rows = [first];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const best = Math.min(rows[i - 1][j - 1] + (same ? 0 : 1), rows[i - 1][j] + 1, row[j - 1] + 1);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(swapped ? Math.min(best, rows[i - 2][j - 2] + 1) : best);
    }
    rows.push(row);
  }
  return rows[from.length][to.length];
}
