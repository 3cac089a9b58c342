import { setImmediate as nextTurn } from 'node:timers/promises';
import { Script, createContext, type Context } from 'node:vm';

/** One line that a regular expression found. */
export interface LineMatch {
  /** Indexes of the line and of the expression. */
  line: number;
  pattern: number;
  /** Those of its groups that took part. */
  groups: Record<string, string>;
}

/** For all lines of one piece, and for one line where a piece takes longer: once more where it may be the machine that is slow. */
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
  const look = (lines) => {
    const found = [];
    for (let line = 0; line < lines.length; line += 1) {
      const text = lines[line];
      if (any !== null && !any.test(text)) continue;
      for (let pattern = 0; pattern < patterns.length; pattern += 1) {
        const match = patterns[pattern].exec(text);
        if (match) found.push({ line, pattern, groups: { ...match.groups } });
      }
    }
    return JSON.stringify(found);
  };`);
const search = new Script('look(lines)');

/**
 * Looks for the regular expressions of a manifest in lines of a program. Both may be hostile, and an expression may backtrack without
 * end: so they run in a context of their own with a time limit. A line that takes too long matches nothing; where that happens too often
 * the matcher gives up.
 */
export class LineMatcher {
  private readonly context: Context;
  private lostMs = 0;
  private totalMs = 0;

  constructor(sources: readonly string[]) {
    this.context = createContext({ sources: [...sources], together: togetherOf(sources), lines: [] });
    prepare.runInContext(this.context);
  }

  /** Whether it looks at nothing any more. */
  get gaveUp(): boolean {
    return this.lostMs > MOST_LOST_MS || this.totalMs > MOST_MS;
  }

  /** In the order of the lines, and for one line in the order of the expressions. */
  async match(lines: readonly string[]): Promise<LineMatch[]> {
    if (lines.length === 0 || this.gaveUp) return [];
    const whole = this.within(lines, PIECE_MS);
    if (whole) return whole;
    const found: LineMatch[] = [];
    for (const [index, line] of lines.entries()) {
      if (this.gaveUp) break;
      // Others have work to do between what is slow.
      await nextTurn();
      const matches = this.within([line], LINE_MS) ?? this.within([line], AGAIN_MS) ?? [];
      found.push(...matches.map((match) => ({ ...match, line: index })));
    }
    return found;
  }

  /** Null when it takes longer. */
  private within(lines: readonly string[], timeout: number): LineMatch[] | null {
    if (this.gaveUp) return null;
    const beginMs = performance.now();
    try {
      this.context['lines'] = lines;
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
