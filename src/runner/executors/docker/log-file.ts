import { open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from '../../../locales/text';
import type { LogEntry } from './log-frames';

/** How far the log of an attempt has come, in a file beside it. */
interface Position {
  /** Time of the first entry that the engine ever gave: as long as it gives that first, nothing in front was thrown away. */
  first: string;
  /** Time of the last entry written, and how many of that time in a row. */
  last: string;
  same: number;
  /** Bytes of the program up to there. */
  bytes: number;
  /** Our own sentences in the log: where each begins, and its bytes. Noted before they are written. */
  notes: { at: number; length: number }[];
  /** The log reached its limit. */
  isCut: boolean;
}

const POSITION = 'log.position';
const SAVE_EVERY_MS = 1000;
const NEWLINE = 0x0a;

/**
 * The log of an attempt, fed with the entries of its container, as often as one likes: what stands in the file already is passed over, so
 * that a runner which dies at any moment loses and repeats nothing. Where all entries from the first one on come, bytes are counted. Where
 * some in front are missing, because only the last ones were asked for or because the engine threw the oldest away, the last one that was
 * written is looked for, and a gap is told.
 */
export class LogFile {
  private seeking = false;
  /** Entries of the time sought that were met. */
  private sought = 0;
  private toSkip = 0;
  private started = false;
  private savedMs = 0;
  private note: string | null = null;
  /** A write failed, so the position is ahead of the file. */
  private isAhead = false;

  private constructor(
    private readonly folder: string,
    private readonly limit: number,
    private readonly file: FileHandle,
    private size: number,
    private lastByte: number,
    private position: Position | null,
  ) {}

  static async open(folder: string, limit: number): Promise<LogFile> {
    const file = await open(join(folder, 'log'), 'a+');
    try {
      const { size } = await file.stat();
      const end = Buffer.alloc(1, NEWLINE);
      if (size > 0) await file.read(end, 0, 1, size - 1);
      return new LogFile(folder, limit, file, size, end[0], await readPosition(folder));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Nothing more will be written. */
  get isFull(): boolean {
    return this.position?.isCut ?? false;
  }

  /** Bytes of the program in it. */
  get programBytes(): number {
    const notes = (this.position?.notes ?? []).filter(({ at, length }) => at + length <= this.size);
    return this.size - notes.reduce((sum, { length }) => sum + length, 0);
  }

  /** A sentence of ours, before the next entry that is new. */
  announce(note: string): void {
    this.note = note;
  }

  /** A sentence of ours at its end, at once. */
  tell(note: string): Promise<void> {
    return this.writeNote(note);
  }

  async close(): Promise<void> {
    try {
      if (this.note !== null && this.started) await this.writeNote(this.note);
      await this.save();
    } finally {
      await this.file.close();
    }
  }

  /**
   * Before the first entries are taken.
   * @param first of them. @param isWhole whether they are all that the engine has, and not only the last ones.
   * @returns false when they do not reach back to what stands here; then more of them have to be asked for.
   */
  async begin(first: LogEntry, isWhole: boolean): Promise<boolean> {
    if (!isWhole && !this.reachesBack(first)) return false;
    this.started = true;
    if (isWhole) await this.beginWhole(first);
    else this.seek();
    return true;
  }

  /** The next entries, in the order of the engine. */
  async take(entries: readonly LogEntry[]): Promise<void> {
    const pieces = entries.map((entry) => this.afterKnown(entry)).filter(({ length }) => length > 0);
    if (pieces.length > 0) await this.write(Buffer.concat(pieces));
    if (Date.now() - this.savedMs >= SAVE_EVERY_MS) await this.save();
  }

  /** All entries of the last time must come, to be counted, and a power cut may have taken from the file what the position tells. */
  private reachesBack({ at }: LogEntry): boolean {
    return this.position !== null && this.position.bytes <= this.programBytes && at < this.position.last;
  }

  private async beginWhole({ at }: LogEntry): Promise<void> {
    this.position ??= { first: at, last: at, same: 0, bytes: 0, notes: [], isCut: false };
    if (at === this.position.first) {
      this.toSkip = this.programBytes;
      this.position = { ...this.position, last: at, same: 0, bytes: 0 };
      return;
    }
    // The engine has thrown its oldest entries away. Ours is either still there, or what came after it is lost.
    if (at <= this.position.last && this.position.bytes <= this.programBytes) this.seek();
    else this.tellGap();
    await this.save();
  }

  private seek(): void {
    this.seeking = true;
    this.sought = 0;
    this.toSkip = Math.max(0, this.programBytes - this.position!.bytes);
  }

  private tellGap(): void {
    this.seeking = false;
    this.toSkip = 0;
    this.position = { ...this.position!, bytes: this.programBytes };
    this.note ??= text('docker.outputMissing');
  }

  /** What of this entry does not stand in the file yet. */
  private afterKnown({ at, content }: LogEntry): Buffer {
    if (this.seeking && at <= this.position!.last) {
      if (at === this.position!.last) this.sought += 1;
      if (this.sought === this.position!.same) this.seeking = false;
      return content.subarray(content.length);
    }
    // Passed, and not there: the clock was set back, perhaps.
    if (this.seeking) this.tellGap();
    const position = this.position!;
    position.same = at === position.last ? position.same + 1 : 1;
    position.last = at;
    position.bytes += content.length;
    const skipped = Math.min(this.toSkip, content.length);
    this.toSkip -= skipped;
    return content.subarray(skipped);
  }

  private async write(bytes: Buffer): Promise<void> {
    if (this.isFull) return;
    if (this.note !== null) {
      const note = this.note;
      this.note = null;
      await this.writeNote(note);
    }
    const room = this.limit - this.programBytes;
    await this.append(bytes.subarray(0, Math.max(0, room)));
    if (bytes.length <= room) return;
    this.position!.isCut = true;
    await this.writeNote(text('runner.logCut'));
  }

  private async writeNote(note: string): Promise<void> {
    const sentence = Buffer.from(`${this.lastByte === NEWLINE ? '' : '\n'}${note}\n`);
    const { position } = this;
    if (position) {
      // Those that were noted and never written are forgotten.
      const written = position.notes.filter(({ at, length }) => at + length <= this.size);
      position.notes = [...written, { at: this.size, length: sentence.length }];
    }
    await this.save();
    await this.append(sentence);
  }

  private async append(bytes: Buffer): Promise<void> {
    this.isAhead = true;
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.file.write(bytes, done);
      done += bytesWritten;
      this.size += bytesWritten;
      this.lastByte = bytes[done - 1];
    }
    this.isAhead = false;
  }

  private async save(): Promise<void> {
    this.savedMs = Date.now();
    if (!this.position || this.toSkip > 0 || this.seeking || this.isAhead) return;
    const path = join(this.folder, POSITION);
    await writeFile(`${path}.tmp`, JSON.stringify(this.position));
    await rename(`${path}.tmp`, path);
  }
}

async function readPosition(folder: string): Promise<Position | null> {
  try {
    return JSON.parse(await readFile(join(folder, POSITION), 'utf8')) as Position;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}
