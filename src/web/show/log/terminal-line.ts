import { classesOf, PLAIN, restyle, type TextStyle } from './text-style';

/** A stretch of text in one style: its characters and class names ('' for none). */
export type Stretch = [text: string, classes: string];

/** A line as a terminal shows it once all of it was written. */
export interface DrawnLine {
  stretches: Stretch[];
  /** Characters that were left out at its end because it is too long. */
  leftOut: number;
  /** The style that it leaves behind for the next line. */
  style: TextStyle;
}

/** Terminal control sequences: CSI, OSC and the like (up to BEL or ST, or the end of a cut one), and the short ones. */
export const SEQUENCES =
  // oxlint-disable-next-line no-control-regex
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[ -/]*[0-~])|\u009B[0-?]*[ -/]*[@-~]/g;
/** What no reader sees, tabs aside: control characters, and marks that turn the direction of the text around. */
// oxlint-disable-next-line no-control-regex
export const CONTROLS = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
// oxlint-disable-next-line no-control-regex
const HAS_CONTROLS = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
// oxlint-disable-next-line no-control-regex
const CSI = /^(?:\u001B\[|\u009B)([0-?]*)[ -/]*([@-~])$/;
// oxlint-disable-next-line no-control-regex
const SGR = /(?:\u001B\[|\u009B)([\d;:]*)m/g;
/** A line that was redrawn very often is drawn from here on: earlier drawings are long covered. */
const DRAWN_CHARACTERS = 16_384;
const MOST_COLUMNS = 40_000;

/**
 * Draws one line: text with colours, where a carriage return, backspaces and erasures do what they do on a terminal. Sequences that
 * mean something else (links, titles, moves to other lines) are taken away.
 * @param raw decoded, without its newline. @param most characters that are wanted of it.
 */
export function drawLine(raw: string, most: number, style: TextStyle = PLAIN): DrawnLine {
  if (!HAS_CONTROLS.test(raw)) {
    return { stretches: raw === '' ? [] : [[raw.slice(0, most), classesOf(style)]], leftOut: Math.max(0, raw.length - most), style };
  }
  const begin = lastDrawings(raw);
  const canvas = new Canvas(begin === 0 ? style : styleAfter(raw.slice(0, begin), style));
  const text = raw.slice(begin);
  let from = 0;
  for (const match of text.matchAll(SEQUENCES)) {
    canvas.write(text.slice(from, match.index));
    canvas.obey(match[0]);
    from = match.index + match[0].length;
  }
  canvas.write(text.slice(from));
  return canvas.read(most);
}

/** The style that a stretch of raw text leaves behind. */
export function styleAfter(raw: string, style: TextStyle = PLAIN): TextStyle {
  let after = style;
  for (const [, parameters] of raw.matchAll(SGR)) after = restyle(after, parameters);
  return after;
}

/** The text of drawn stretches. */
export function textOf(stretches: readonly Stretch[]): string {
  return stretches.map(([text]) => text).join('');
}

function lastDrawings(raw: string): number {
  if (raw.length <= DRAWN_CHARACTERS) return 0;
  const last = raw.trimEnd().lastIndexOf('\r');
  if (last === -1) return 0;
  const near = raw.indexOf('\r', Math.max(0, raw.length - DRAWN_CHARACTERS));
  return near !== -1 && near <= last ? near : last;
}

/**
 * One row of a terminal. Nothing but what is written costs anything, wherever the cursor jumps and however often the row is erased: cells
 * and erasures carry the number of their step, and only a reader, for the columns that it wants, finds out what covers what.
 */
class Canvas {
  private readonly characters: string[] = [];
  private readonly styles: TextStyle[] = [];
  private readonly writtenAt: number[] = [];
  /** By column: the last erasure from it to the end of the row, and the last from the beginning up to it. */
  private readonly erasedFrom = new Map<number, number>();
  private readonly erasedTo = new Map<number, number>();
  private length = 0;
  private column = 0;
  private step = 0;

  constructor(private style: TextStyle) {}

  write(text: string): void {
    for (const character of text) {
      if (character === '\r') this.column = 0;
      else if (character === '\b') this.column = Math.max(0, this.column - 1);
      else if (!HAS_CONTROLS.test(character)) this.put(character);
    }
  }

  obey(sequence: string): void {
    const match = CSI.exec(sequence);
    if (!match) return;
    const [, parameters, name] = match;
    if (name === 'm') {
      if (/^[\d;:]*$/.test(parameters)) this.style = restyle(this.style, parameters);
      return;
    }
    const count = Number(/^\d{1,6}/.exec(parameters)?.[0] ?? (name === 'K' || name === 'J' ? 0 : 1));
    this.move(name, count);
  }

  private move(name: string, count: number): void {
    if (name === 'G') this.column = Math.min(MOST_COLUMNS, Math.max(0, count - 1));
    else if (name === 'C') this.column = Math.min(MOST_COLUMNS, this.column + Math.max(1, count));
    else if (name === 'D') this.column = Math.max(0, this.column - Math.max(1, count));
    else if (name === 'K' || name === 'J') this.erase(count);
  }

  private erase(what: number): void {
    this.step += 1;
    if (what === 1) this.erasedTo.set(this.column, this.step);
    else this.shorten(what === 0 ? this.column : 0);
  }

  private shorten(length: number): void {
    if (this.length <= length) return;
    this.length = length;
    this.erasedFrom.set(length, this.step);
  }

  private put(character: string): void {
    this.step += 1;
    this.characters[this.column] = character;
    this.styles[this.column] = this.style;
    this.writtenAt[this.column] = this.step;
    this.column += 1;
    this.length = Math.max(this.length, this.column);
  }

  read(most: number): DrawnLine {
    const stretches: Stretch[] = [];
    let last: TextStyle | undefined;
    const shown = Math.min(most, this.length);
    const erasures = this.erasures(shown);
    for (let index = 0; index < shown; index++) {
      // What was never written, or was erased since, is blank.
      const isDrawn = (this.writtenAt[index] ?? 0) > erasures[index];
      const [character, style] = isDrawn ? [this.characters[index], this.styles[index]] : [' ', PLAIN];
      if (style === last) stretches[stretches.length - 1][0] += character;
      else stretches.push([character, classesOf(style)]);
      last = style;
    }
    return { stretches, leftOut: this.length - shown, style: this.style };
  }

  /** For each of the first columns the step of the last erasure that reached it. */
  private erasures(columns: number): number[] {
    const steps = Array.from({ length: columns }, () => 0);
    for (const [column, step] of this.erasedFrom) if (column < columns) steps[column] = step;
    for (let column = 1; column < columns; column++) steps[column] = Math.max(steps[column], steps[column - 1]);
    let left = 0;
    for (const [column, step] of this.erasedTo) if (column >= columns) left = Math.max(left, step);
    for (let column = columns - 1; column >= 0; column--) {
      left = Math.max(left, this.erasedTo.get(column) ?? 0);
      steps[column] = Math.max(steps[column], left);
    }
    return steps;
  }
}
