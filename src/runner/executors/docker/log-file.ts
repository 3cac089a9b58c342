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
 * The log of an attempt, fed with the entries of its container from the first one on, as often as one likes: what stands in the file
 * already is passed over by counting bytes, so that a runner which dies at any moment loses and repeats nothing. Where the engine
 * threw its oldest entries away meanwhile, the last one written is looked for, and a gap is told.
 */
export class LogFile {
  private seeking = false;
  /** Entries of the time sought that were met. */
  private sought = 0;
  private toSkip = 0;
  private started = false;
  private savedMs = 0;
  private note: string | null = null;

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

  /** A sentence of ours, before the next entry that is new. */
  announce(note: string): void {
    this.note = note;
  }

  async close(): Promise<void> {
    try {
      if (this.note !== null && this.started) await this.writeNote(this.note);
      await this.save();
    } finally {
      await this.file.close();
    }
  }

  /** The next entries, in the order of the engine. */
  async take(entries: readonly LogEntry[]): Promise<void> {
    const pieces: Buffer[] = [];
    for (const entry of entries) {
      if (!this.started) await this.begin(entry);
      const fresh = this.afterKnown(entry);
      if (fresh.length > 0) pieces.push(fresh);
    }
    if (pieces.length > 0) await this.write(Buffer.concat(pieces));
    if (Date.now() - this.savedMs >= SAVE_EVERY_MS) await this.save();
  }

  private get programBytes(): number {
    const notes = (this.position?.notes ?? []).filter(({ at, length }) => at + length <= this.size);
    return this.size - notes.reduce((sum, { length }) => sum + length, 0);
  }

  private async begin({ at }: LogEntry): Promise<void> {
    this.started = true;
    this.position ??= { first: at, last: at, same: 0, bytes: 0, notes: [], isCut: false };
    const { first, last, bytes } = this.position;
    if (at === first) {
      this.toSkip = this.programBytes;
      this.position = { ...this.position, last: at, same: 0, bytes: 0 };
      return;
    }
    // The engine has thrown its oldest entries away. Ours is either still there, or what came after it is lost.
    this.seeking = at <= last;
    this.toSkip = this.seeking ? Math.max(0, this.programBytes - bytes) : 0;
    if (!this.seeking) {
      this.position = { ...this.position, bytes: this.programBytes };
      this.note ??= text('docker.outputMissing');
    }
    await this.save();
  }

  /** What of this entry does not stand in the file yet. */
  private afterKnown({ at, content }: LogEntry): Buffer {
    const position = this.position!;
    if (this.seeking) {
      if (at !== position.last) return content.subarray(content.length);
      this.sought += 1;
      if (this.sought === position.same) this.seeking = false;
      return content.subarray(content.length);
    }
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
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.file.write(bytes, done);
      done += bytesWritten;
      this.size += bytesWritten;
      this.lastByte = bytes[done - 1];
    }
  }

  private async save(): Promise<void> {
    this.savedMs = Date.now();
    if (!this.position || this.toSkip > 0 || this.seeking) return;
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
