/** A line of a log without its end and without what only a terminal understands. */
export interface LogLine {
  text: string;
  /** Byte of the log at which it begins. */
  at: number;
}

/** What is longer is looked at so far. In bytes. */
const LONGEST_LINE = 4096;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
// oxlint-disable-next-line no-control-regex
const TERMINAL = /\u001B\[[0-?]*[ -/]*[@-~]/g;

/** Splits a log, piece by piece, into lines. A carriage return ends one too: that is how progress bars are drawn. Holds no more than one line. */
export class LogLines {
  private held = '';
  /** Bytes of the line whose beginning is held. */
  private length = 0;
  private position = 0;

  /** @returns the lines that end in this piece; empty ones are left out. */
  take(piece: Buffer): LogLine[] {
    const lines: LogLine[] = [];
    let from = 0;
    for (let at = 0; at < piece.length; at += 1) {
      if (piece[at] !== NEWLINE && piece[at] !== RETURN) continue;
      this.hold(piece, from, at);
      this.flush(lines);
      this.position += 1;
      from = at + 1;
    }
    this.hold(piece, from, piece.length);
    return lines;
  }

  /** The last line, where the log does not end with a line end. */
  end(): LogLine[] {
    const lines: LogLine[] = [];
    this.flush(lines);
    return lines;
  }

  /** A character that lies across two pieces, or across the longest line, becomes signs that match nothing. */
  private hold(piece: Buffer, from: number, to: number): void {
    const room = LONGEST_LINE - this.length;
    if (to > from && room > 0) this.held += piece.toString('utf8', from, Math.min(to, from + room));
    this.length += to - from;
  }

  private flush(lines: LogLine[]): void {
    const { held, length } = this;
    if (length > 0) lines.push({ text: held.includes('\u001B') ? held.replaceAll(TERMINAL, '') : held, at: this.position });
    this.position += length;
    this.held = '';
    this.length = 0;
  }
}
