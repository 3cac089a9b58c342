import { fstatSync, readSync } from 'node:fs';
import { Reader } from '@zip.js/zip.js';
import { InvalidInputError } from '../../../common/errors';

/** More than this in one piece is asked for only by a table of contents, and one of that size would fill the memory. */
const MOST_AT_ONCE = 256 * 1024 * 1024;

/** The bytes of an archive that was handed over open. Reads wait: the program that uses this does nothing else meanwhile. */
export class ArchiveFile {
  readonly size: number;

  /** @param handle number of a file handle. */
  constructor(private readonly handle: number) {
    this.size = fstatSync(handle).size;
  }

  /** As many bytes as there are from there on, at most `length`. */
  read(offset: number, length: number): Buffer {
    const end = Math.min(this.size, offset + Math.max(0, length));
    if (offset < 0 || end <= offset) return Buffer.alloc(0);
    if (end - offset > MOST_AT_ONCE) throw new InvalidInputError('archives.directoryTooLarge');
    const bytes = Buffer.allocUnsafe(end - offset);
    return bytes.subarray(0, this.readInto(bytes, offset));
  }

  /** Fills the buffer as far as there are bytes. @returns how many there were. */
  readInto(bytes: Buffer, offset: number): number {
    let count = 0;
    while (count < bytes.length) {
      const more = readSync(this.handle, bytes, count, bytes.length - count, offset + count);
      if (more === 0) break;
      count += more;
    }
    return count;
  }
}

/** The same for zip.js. */
export class ArchiveFileReader extends Reader<ArchiveFile> {
  constructor(private readonly file: ArchiveFile) {
    super(file);
    this.size = file.size;
  }

  override readUint8Array(offset: number, length: number): Promise<Uint8Array> {
    return new Promise((resolve) => resolve(this.file.read(offset, length)));
  }
}
