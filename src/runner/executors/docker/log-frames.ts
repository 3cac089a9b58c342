/** One entry of a container's log: a line, or a piece of a long one. */
export interface LogEntry {
  /** When the engine wrote it down, RFC 3339 with nanoseconds; as a text it sorts as a time. */
  at: string;
  content: Buffer;
}

const HEADER_BYTES = 8;
const BLANK = 0x20;

/** Cuts the stream of `GET /containers/<id>/logs?timestamps=1` into entries: frames of 8 bytes (stream, size) and what belongs to them. */
export class LogFrames {
  private rest: Buffer = Buffer.alloc(0);

  /** The entries that are complete with this piece. */
  push(piece: Buffer): LogEntry[] {
    const bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const entries: LogEntry[] = [];
    let from = 0;
    while (from + HEADER_BYTES <= bytes.length) {
      const end = from + HEADER_BYTES + bytes.readUInt32BE(from + 4);
      if (end > bytes.length) break;
      const blank = bytes.indexOf(BLANK, from + HEADER_BYTES);
      entries.push({ at: bytes.toString('latin1', from + HEADER_BYTES, blank), content: bytes.subarray(blank + 1, end) });
      from = end;
    }
    this.rest = bytes.subarray(from);
    return entries;
  }
}
