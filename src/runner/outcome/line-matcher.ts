import { setImmediate as nextTurn } from 'node:timers/promises';
import { Script, createContext, type Context } from 'node:vm';
import { walkedThrough } from '../../browser/conditions/text-pattern';

/** One line that a regular expression found. */
export interface LineMatch {
  /** Indexes of the line and of the expression. */
  line: number;
  pattern: number;
  /** Those of its groups that took part. */
  groups: Record<string, string>;
}

/** For all lines of one piece, for one line where a piece takes longer, and once more where it may be the machine that is slow. */
const PIECE_MS = 250;
const LINE_MS = 20;
const AGAIN_MS = 400;
/** Of all that took too long, and of all looking together. */
const MOST_LOST_MS = 8000;
const MOST_MS = 120_000;

// One function for all pieces, so that it is compiled once. Most lines match nothing: one expression of all alternatives tells that.
const prepare = new Script(`
  const patterns = sources.map((source) => new RegExp(source, 'u'));
  const any = together === null ? null : new RegExp(together, 'u');
  const all = patterns.map((_, index) => index);
  const look = (lines, only) => {
    const found = [];
    for (let line = 0; line < lines.length; line += 1) {
      const text = lines[line];
      if (only === null && any !== null && !any.test(text)) continue;
      for (const pattern of only ?? all) {
        const match = patterns[pattern].exec(text);
        if (match) found.push({ line, pattern, groups: { ...match.groups } });
      }
    }
    return JSON.stringify(found);
  };`);
const search = new Script('look(lines, only)');

/**
 * Looks for the regular expressions of a manifest in lines of a program. Both may be hostile, and an expression may backtrack without
 * end: so they run in a context of their own with a time limit. One that took too long once is walked from then on, in a time that grows
 * with the line alone, and only looked for where that finds it. Where it cannot be walked, a line that takes too long matches nothing,
 * and where that happens too often the matcher gives up.
 */
export class LineMatcher {
  private readonly context: Context;
  /** Indexes of expressions that took too long, each with one that the whole of a line has to match. */
  private readonly guarded = new Map<number, string>();
  private lostMs = 0;
  private totalMs = 0;

  constructor(private readonly sources: readonly string[]) {
    this.context = createContext({ sources: [...sources], together: togetherOf(sources), lines: [], only: null });
    prepare.runInContext(this.context);
  }

  /** Whether it looks at nothing any more. */
  get gaveUp(): boolean {
    return this.lostMs > MOST_LOST_MS || this.totalMs > MOST_MS;
  }

  /** In the order of the lines, and for one line in the order of the expressions. */
  async match(lines: readonly string[]): Promise<LineMatch[]> {
    if (lines.length === 0 || this.gaveUp) return [];
    const whole = this.guarded.size === 0 ? this.within(lines, null, PIECE_MS) : null;
    if (whole) return whole;
    const found: LineMatch[] = [];
    for (const [index, line] of lines.entries()) {
      if (this.gaveUp) break;
      // Others have work to do between what is slow.
      await nextTurn();
      found.push(...this.inLine(line).map((match) => ({ ...match, line: index })));
    }
    return found;
  }

  private inLine(line: string): LineMatch[] {
    const matches = this.within([line], this.likely(line), LINE_MS);
    if (matches) return matches;
    for (const [index, source] of this.sources.entries()) {
      if (!this.guarded.has(index) && this.within([line], [index], LINE_MS) === null) this.guarded.set(index, `[^]*(?:${source})[^]*`);
    }
    return this.within([line], this.likely(line), AGAIN_MS) ?? [];
  }

  /** Indexes of the expressions that may be in a line. */
  private likely(line: string): number[] {
    const beginMs = performance.now();
    const indexes = this.sources.flatMap((_, index) => {
      const guard = this.guarded.get(index);
      return guard !== undefined && walkedThrough(guard, line) === false ? [] : [index];
    });
    this.totalMs += performance.now() - beginMs;
    return indexes;
  }

  /** Null when it takes longer. @param only indexes of expressions; null for all. */
  private within(lines: readonly string[], only: readonly number[] | null, timeout: number): LineMatch[] | null {
    if (this.gaveUp) return null;
    if (only?.length === 0) return [];
    const beginMs = performance.now();
    try {
      this.context['lines'] = lines;
      this.context['only'] = only;
      return JSON.parse(search.runInContext(this.context, { timeout }) as string) as LineMatch[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      this.lostMs += performance.now() - beginMs;
      return null;
    } finally {
      this.totalMs += performance.now() - beginMs;
    }
  }
}

/** What is escaped, a class of characters, or the beginning of a group with a name. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?<(?![=!])[^>]*>/gsu;

/** All expressions as the alternatives of one, without the names of their groups; null where some refer to groups, or there are none. */
function togetherOf(sources: readonly string[]): string | null {
  const refersToGroups = sources.some((source) => /\\(?:[1-9]|k<)/.test(source));
  if (sources.length === 0 || refersToGroups) return null;
  const unnamed = sources.map((source) => source.replaceAll(TOKEN, (token) => (token.startsWith('(?<') ? '(' : token)));
  return unnamed.map((source) => `(?:${source})`).join('|');
}
