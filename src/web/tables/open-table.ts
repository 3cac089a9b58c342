import { createHash } from 'node:crypto';
import { ConflictError, InvalidInputError, NotFoundError } from '../../common/errors';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { OpenFile, SafeDirectory } from '../../common/files/safe-directory';
import { fileTypeOf } from '../show/file-type';
import type { Dialect } from './engine/dialect';
import { findDialect } from './find-dialect';

const HEAD_BYTES = 512 * 1024;

/** A result file that is a table, open, with its beginning. */
export class OpenTable {
  private constructor(
    readonly runId: number,
    readonly path: EntryPath,
    readonly name: string,
    readonly file: OpenFile,
    /** The first half megabyte. */
    readonly head: Buffer,
    readonly dialect: Dialect,
  ) {}

  /**
   * @param results folder of the run's results; `path` lies below it.
   * @throws NotFoundError when it is not there or no table; InvalidInputError when it is no text.
   */
  static async open(runId: number, results: SafeDirectory, path: EntryPath): Promise<OpenTable> {
    const name = showEntryName(path.at(-1)!);
    if (fileTypeOf(name).kind !== 'table') throw new NotFoundError('tables.noTable', { name });
    const file = await results.openFile(path);
    try {
      const head = Buffer.alloc(Math.min(file.size, HEAD_BYTES));
      const { bytesRead } = await file.handle.read(head, 0, head.length, 0);
      const bytes = head.subarray(0, bytesRead);
      const dialect = findDialect(bytes, bytes.length === file.size, name);
      if (!dialect) throw new InvalidInputError('tables.noText', { name });
      return new OpenTable(runId, path, name, file, bytes, dialect);
    } catch (error) {
      await file.handle.close();
      throw error;
    }
  }

  get size(): number {
    return this.file.size;
  }

  /** Another one after each write. */
  get version(): string {
    return `${this.size.toString(36)}-${Math.round(this.file.mtimeMs).toString(36)}`;
  }

  /** Begins the names of all that is made of this version of the file. */
  get stem(): string {
    const hash = createHash('sha256').update(formatEntryPath(this.path)).digest('hex').slice(0, 32);
    return `table-${hash}.${this.version}`;
  }

  /** Whether `head` is all of it. */
  get isWhole(): boolean {
    return this.head.length === this.size;
  }

  async read(from: number, to: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(to, this.size) - from));
    const { bytesRead } = await this.file.handle.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead);
  }

  /** @throws ConflictError when somebody has written to it since it was opened, so that what was read may be anything. */
  async checkUnchanged(): Promise<void> {
    const { size, mtimeMs } = await this.file.handle.stat();
    if (size !== this.size || mtimeMs !== this.file.mtimeMs) throw new ConflictError('tables.changing', { name: this.name });
  }

  close(): Promise<void> {
    return this.file.handle.close();
  }
}
