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

/** A name for people: `min_area` → "Min area", `fasta-stats` → "Fasta stats"; capitals within stay. */
export function readableName(name: string): string {
  const words = name.replace(/[_-]+/g, ' ').trim();
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

/** Levenshtein distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const swap = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
}
