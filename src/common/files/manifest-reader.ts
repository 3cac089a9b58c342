import type { FileHandle } from 'node:fs/promises';
import type { EntryPath } from './entry-name';
import type { FileIdentity } from './file-identity';

/** Why something is in a tree, but not in an archive of it. */
export type LeftOut = 'link' | 'special' | 'hardLink' | 'unreadable' | 'tooDeep';

const KINDS = ['file', 'folder', 'link', 'special', 'hardLink', 'unreadable', 'tooDeep'] as const;
const HEAD_BYTES = 33;
const PIECE_BYTES = 128 * 1024;
const SLASH = 0x2f;

/** One entry of a listed tree. It is read from its record when it is asked for: there may be millions, most of which are only counted. */
export class ManifestEntry {
  constructor(
    private readonly record: Buffer,
    private readonly pathLength: number,
  ) {}

  get kind(): 'file' | 'folder' | LeftOut {
    return KINDS[this.record.readUInt8(0) - 1];
  }

  /** As the system has it, with the type. */
  get mode(): number {
    return this.record.readUInt32LE(1);
  }

  /** Bytes; 0 for anything but a file. */
  get size(): number {
    return Number(this.record.readBigUInt64LE(5));
  }

  get mtimeMs(): number {
    return Number(this.record.readBigInt64LE(13) / 1_000_000n);
  }

  /** Who the file is. */
  get identity(): FileIdentity {
    return { inode: String(this.record.readBigUInt64LE(21)), size: this.size, mtimeNs: String(this.record.readBigInt64LE(13)) };
  }

  /** Below the folder that was listed; empty for that folder itself. */
  get path(): EntryPath {
    return split(this.record.subarray(HEAD_BYTES, HEAD_BYTES + this.pathLength));
  }

  /** In the archive: bytes with slashes, one at the end of a folder. */
  get name(): Buffer {
    return this.record.subarray(HEAD_BYTES + this.pathLength);
  }

  /** All that is known of it, for comparisons. */
  get bytes(): Buffer {
    return this.record;
  }
}

/** Reads the list that the thread of `TreeManifests` has written, as often as it is wanted, piece by piece. */
export class ManifestReader {
  /** @param file the caller closes it. */
  constructor(private readonly file: FileHandle) {}

  /** The entries in their order, some at a time. */
  async *read(): AsyncGenerator<ManifestEntry[]> {
    let rest: Buffer = Buffer.alloc(0);
    for (let position = 0; ;) {
      const { bytesRead, buffer } = await this.file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const piece = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const { entries, used } = parse(piece);
      rest = piece.subarray(used);
      yield entries;
    }
  }
}

function parse(piece: Buffer): { entries: ManifestEntry[]; used: number } {
  const entries: ManifestEntry[] = [];
  let used = 0;
  while (used + HEAD_BYTES <= piece.length) {
    const pathLength = piece.readUInt16LE(used + 29);
    const end = used + HEAD_BYTES + pathLength + piece.readUInt16LE(used + 31);
    if (end > piece.length) break;
    entries.push(new ManifestEntry(piece.subarray(used, end), pathLength));
    used = end;
  }
  return { entries, used };
}

function split(path: Buffer): EntryPath {
  const names: Buffer[] = [];
  let from = 0;
  for (let at = path.indexOf(SLASH); at !== -1; at = path.indexOf(SLASH, from)) {
    names.push(path.subarray(from, at));
    from = at + 1;
  }
  if (from < path.length) names.push(path.subarray(from));
  return names;
}
