import { Script, createContext } from 'node:vm';
import { walkedThrough } from '../../browser/conditions/text-pattern';

/** First a short time, so that hostile texts cost little; then one that a machine with too much to do does not use up by waiting alone. */
const MOST_MS = [50, 1000];
const place = createContext({ source: '', value: '' });
const script = new Script('new RegExp(`^(?:${source})$`, "u").test(value)');

/** Expressions that took too long once. */
const slow = new Set<string>();
const MOST_SLOW = 200;

/**
 * Whether a whole text matches a regular expression of a manifest. Patterns come from administrators and texts from anybody: one that
 * backtracks without end is walked instead, in a time that grows with the text alone. What cannot be walked counts as no match after a
 * second, instead of stopping the process for everyone.
 */
export function matchesWhole(source: string, value: string): boolean {
  const walked = slow.has(source) ? walkedThrough(source, value) : null;
  if (walked !== null) return walked;
  place['source'] = source;
  place['value'] = value;
  for (const timeout of MOST_MS) {
    try {
      return script.runInContext(place, { timeout }) === true;
    } catch (error) {
      // Time goes by on the clock of the wall, also while the machine does something else.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
      noteSlow(source);
      const decided = walkedThrough(source, value);
      if (decided !== null) return decided;
    }
  }
  return false;
}

/** Why a text is no regular expression, or undefined when it is one. */
export function patternFault(source: string): string | undefined {
  try {
    // Compiled as it will be used, so that what passes here cannot fail there.
    void new RegExp(`^(?:${source})$`, 'u');
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}

/** The names of the groups of a regular expression. */
export function groupsIn(source: string): string[] {
  return Object.keys(new RegExp(`^(?:${source})$|`, 'u').exec('')?.groups ?? {});
}

const MOST_BATCH_MS = 2000;
const batch = new Script(
  'const all = new RegExp(`^(?:${source})$`, "u"); JSON.stringify(values.map((one) => all.exec(one)?.groups ?? null))',
);

/**
 * What the groups of a regular expression of a manifest hold for each of many texts; null where it does not match the whole of one. One that
 * took too long once is only looked for in the texts that it matches, by walking.
 * @returns null when it takes too long for all of them.
 */
export function groupsOfEach(source: string, values: readonly string[]): (Record<string, string> | null)[] | null {
  if (!slow.has(source)) {
    const groups = inBatch(source, values);
    if (groups) return groups;
    noteSlow(source);
  }
  const likely = values.filter((value) => walkedThrough(source, value) !== false);
  const groups = inBatch(source, likely);
  if (!groups) return null;
  const found = new Map(likely.map((value, index) => [value, groups[index]]));
  return values.map((value) => found.get(value) ?? null);
}

function inBatch(source: string, values: readonly string[]): (Record<string, string> | null)[] | null {
  const own = createContext({ source, values });
  try {
    return JSON.parse(batch.runInContext(own, { timeout: MOST_BATCH_MS }) as string) as (Record<string, string> | null)[];
  } catch {
    return null;
  }
}

function noteSlow(source: string): void {
  if (slow.size >= MOST_SLOW) slow.clear();
  slow.add(source);
}
