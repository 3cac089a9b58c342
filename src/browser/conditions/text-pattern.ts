/**
 * Regular expressions of conditions. They mean what they mean in JavaScript, for the whole text and with the flag `u`, but are walked in
 * all ways at once instead of one after the other: the time grows with the length of pattern and text, never without end. What cannot
 * be walked so (references to groups, looking around, word boundaries) is refused.
 */

/** One place of the walk. */
type State =
  | { kind: 'one'; fits: (character: string) => boolean; next: number }
  | { kind: 'fork'; next: number; other: number }
  | { kind: 'edge'; isStart: boolean; next: number }
  | { kind: 'end' };

export type PatternFault = { kind: 'notRegular'; found: string } | { kind: 'notSupported'; found: string } | { kind: 'tooLarge' };

/** Places of one pattern, after repetitions are written out. */
const MOST_STATES = 500;
const MOST_REPEATS = 500;
/** Groups within one another. */
const DEEPEST = 100;
/** Also counts what needs no place of its own, such as `(){9}`. */
const MOST_STEPS = 5000;
/** A longer text matches nothing. In characters. */
export const LONGEST_MATCHED = 4000;

/** Places times characters: some tens of milliseconds. */
const MOST_WALKED = 400_000;

const ATOM =
  /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|.)|\[(?:\\.|[^\]\\])*\]|[^\\[()|*+?{}]/uy;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/y;
const GROUP = /\((?:\?:|\?<[^=!>][^>]*>)?/y;
const UNSUPPORTED = /\(\?(?:<?[=!]|[a-z-]+:)|\\(?:[bB]|[1-9]\d*|k<[^>]*>)/y;

const MOST_KNOWN = 100;
const known = new Map<string, State[] | null>();

/** Why a pattern cannot be used, or undefined when it can. */
export function textPatternFault(source: string): PatternFault | undefined {
  const compiled = compile(source);
  return Array.isArray(compiled) ? undefined : compiled;
}

/** Whether a whole text matches; false for a pattern that cannot be used. */
export function matchesText(source: string, text: string): boolean {
  const states = statesOf(source);
  return states !== null && text.length <= LONGEST_MATCHED && walk(states, text);
}

/** As `matchesText`, for patterns that need not be of conditions; null where walking cannot decide it, or not soon. */
export function walkedThrough(source: string, text: string): boolean | null {
  const states = statesOf(source);
  return states === null || states.length * text.length > MOST_WALKED ? null : walk(states, text);
}

function statesOf(source: string): State[] | null {
  let states = known.get(source);
  if (states === undefined) {
    const compiled = compile(source);
    states = Array.isArray(compiled) ? compiled : null;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(source, states);
  }
  return states;
}

function walk(states: readonly State[], text: string): boolean {
  let here = reach(states, [states.length - 1], { isStart: true, isEnd: text === '' });
  let place = 0;
  for (const character of text) {
    place += character.length;
    const next: number[] = [];
    for (const index of here) {
      const state = states[index];
      if (state?.kind === 'one' && state.fits(character)) next.push(state.next);
    }
    if (next.length === 0) return false;
    here = reach(states, next, { isStart: false, isEnd: place === text.length });
  }
  return [...here].some((index) => states[index]?.kind === 'end');
}

/** All places that are reached without a further character. */
function reach(states: readonly State[], from: number[], { isStart, isEnd }: { isStart: boolean; isEnd: boolean }): Set<number> {
  const reached = new Set<number>();
  const open = from;
  for (;;) {
    const index = open.pop();
    if (index === undefined) return reached;
    if (reached.has(index)) continue;
    reached.add(index);
    const state = states[index];
    if (state?.kind === 'fork') open.push(state.next, state.other);
    if (state?.kind === 'edge' && (state.isStart ? isStart : isEnd)) open.push(state.next);
  }
}

class PatternRefused extends Error {
  constructor(readonly fault: PatternFault) {
    super(fault.kind);
  }
}

/** The states of a pattern, the one that it begins with last. */
function compile(source: string): State[] | PatternFault {
  try {
    // By itself: as part of another, a parenthesis too many could close one of that.
    void new RegExp(source, 'u');
  } catch (error) {
    const { message } = error as Error;
    return { kind: 'notRegular', found: message.slice(message.lastIndexOf(': ') + 2) };
  }
  try {
    return new Compiler(source).states();
  } catch (error) {
    if (error instanceof PatternRefused) return error.fault;
    throw error;
  }
}

/** A part of a pattern: writes its states so that they lead on to `next`, and tells where it begins. */
type Part = (next: number) => number;

/** Reads a pattern that JavaScript takes, into parts that are written from the end to the beginning. */
class Compiler {
  private place = 0;
  private depth = 0;
  private steps = 0;
  private readonly written: State[] = [{ kind: 'end' }];

  constructor(private readonly source: string) {}

  states(): State[] {
    const begin = this.alternatives()(0);
    this.write({ kind: 'fork', next: begin, other: begin });
    return this.written;
  }

  private alternatives(): Part {
    const parts = [this.sequence()];
    while (this.take(/\|/y)) parts.push(this.sequence());
    return parts.reduce((before, part) => (next) => this.write({ kind: 'fork', next: before(next), other: part(next) }));
  }

  private sequence(): Part {
    const parts: Part[] = [];
    while (this.place < this.source.length && !/[|)]/.test(this.source.charAt(this.place))) parts.push(this.repeated());
    return (next) => parts.reduceRight((after, part) => part(after), next);
  }

  private repeated(): Part {
    const part = this.single();
    const found = this.take(QUANTIFIER);
    if (!found) return part;
    const [sign, low, comma, high] = found;
    const least = low === undefined ? (sign.startsWith('+') ? 1 : 0) : Number(low);
    const most = low === undefined ? (sign.startsWith('?') ? 1 : Infinity) : comma === '' ? least : high === '' ? Infinity : Number(high);
    if (least > MOST_REPEATS || (most !== Infinity && most > MOST_REPEATS)) throw new PatternRefused({ kind: 'tooLarge' });
    return (next) => this.repeat(part, least, most, next);
  }

  private repeat(part: Part, least: number, most: number, next: number): number {
    let begin = most === Infinity ? this.forEver(part, next) : next;
    const optional = most === Infinity ? 0 : most - least;
    for (let count = 0; count < optional; count += 1) begin = this.write({ kind: 'fork', next, other: part(begin) });
    for (let count = 0; count < least; count += 1) begin = this.counted(part(begin));
    return begin;
  }

  private forEver(part: Part, next: number): number {
    const fork: State = { kind: 'fork', next, other: next };
    const begin = this.write(fork);
    fork.other = part(begin);
    return begin;
  }

  private single(): Part {
    const refused = this.take(UNSUPPORTED);
    if (refused) throw new PatternRefused({ kind: 'notSupported', found: refused[0] });
    if (this.take(GROUP)) {
      this.depth += 1;
      if (this.depth > DEEPEST) throw new PatternRefused({ kind: 'tooLarge' });
      const inside = this.alternatives();
      this.depth -= 1;
      this.take(/\)/y);
      return inside;
    }
    const atom = this.take(ATOM)?.[0];
    if (atom === undefined) throw new PatternRefused({ kind: 'notSupported', found: this.source.slice(this.place, this.place + 10) });
    if (atom === '^' || atom === '$') return (next) => this.write({ kind: 'edge', isStart: atom === '^', next });
    const fits = fitting(atom);
    return (next) => this.write({ kind: 'one', fits, next });
  }

  private write(state: State): number {
    if (this.written.length > MOST_STATES) throw new PatternRefused({ kind: 'tooLarge' });
    return this.counted(this.written.push(state) - 1);
  }

  private counted(index: number): number {
    this.steps += 1;
    if (this.steps > MOST_STEPS) throw new PatternRefused({ kind: 'tooLarge' });
    return index;
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.place;
    const found = pattern.exec(this.source);
    if (found) this.place += found[0].length;
    return found;
  }
}

/** Of a single character JavaScript may be asked: there is nothing to go back to. */
function fitting(atom: string): (character: string) => boolean {
  if (/^[^\\[.]/.test(atom)) return (character) => character === atom;
  const pattern = new RegExp(`^(?:${atom})$`, 'u');
  return (character) => pattern.test(character);
}
