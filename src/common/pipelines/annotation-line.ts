import { text } from '../../locales/text';

/**
 * One annotated line of a script, taken apart: `name? : type = default [range] - description`, of which only the name is needed.
 * Blanks and tabs do not matter; the default may stand in double quotes.
 */
export interface AnnotatedLine {
  name: string;
  /** Whether a `?` says that it may stay empty. */
  optional: boolean;
  /** As written; undefined where the name decides. */
  type: string | undefined;
  default: string | undefined;
  /** What stands between the brackets. */
  range: string | undefined;
  description: string;
}

/** @returns the parts, or the fault as a sentence. `rest` is the line after its prefix. */
export function readAnnotatedLine(rest: string): AnnotatedLine | string {
  const nameEnd = endOfName(rest);
  const name = rest.slice(0, nameEnd).trim();
  if (name === '') return text('pipelines.lineWithoutName');
  const scanner = new Scanner(rest, nameEnd);
  let optional = scanner.skip('?');
  const type = scanner.skip(':') ? scanner.take(/[A-Za-z]+/y) : undefined;
  optional = scanner.skip('?') || optional;
  const standard = scanner.skip('=') ? scanner.takeDefault() : undefined;
  const range = scanner.take(/\[[^\]]*\]/y)?.slice(1, -1);
  optional = scanner.skip('?') || optional;
  const description = scanner.takeDescription();
  if (description === undefined) return text('pipelines.lineNotUnderstood', { rest: scanner.rest().slice(0, 60) });
  return { name, optional, type, default: standard, range, description };
}

/**
 * Where the name stops: before a sign of the typed extension, or before the hyphen that begins the description. That is the first hyphen
 * with blanks around it; only a line without such a one is split at its first hyphen, as in `input-the input file`.
 */
function endOfName(line: string): number {
  const spaced = line.search(/\s-(?:\s|$)/);
  const ends = [line.search(/[:=?[]/), spaced === -1 ? line.indexOf('-') : spaced].filter((end) => end !== -1);
  return ends.length === 0 ? line.length : Math.min(...ends);
}

/** Walks through a line; blanks before each part are passed over. */
class Scanner {
  constructor(
    private readonly line: string,
    private position: number,
  ) {}

  take(pattern: RegExp): string | undefined {
    this.passBlanks();
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.line)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  skip(sign: string): boolean {
    this.passBlanks();
    const there = this.line.startsWith(sign, this.position);
    if (there) this.position += sign.length;
    return there;
  }

  /** A text in double quotes, or everything up to the range, the description or the end. */
  takeDefault(): string {
    const quoted = this.take(/"(?:[^"\\]|\\.)*"/y);
    if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\(.)/g, '$1');
    return (this.take(/.*?(?=\s+\[|\s+-(?:\s|$)|\s*$)/y) ?? '').trim();
  }

  /** '' when nothing is left, undefined when something else than a description is left. */
  takeDescription(): string | undefined {
    if (this.rest() === '') return '';
    return this.skip('-') ? this.rest() : undefined;
  }

  rest(): string {
    return this.line.slice(this.position).trim();
  }

  private passBlanks(): void {
    while (/\s/.test(this.line[this.position] ?? '')) this.position += 1;
  }
}
