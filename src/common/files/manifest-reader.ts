import type { FileHandle } from 'node:fs/promises';
import type { EntryPath } from './entry-name';
import type { FileIdentity } from './file-identity';

/** Why something is in a tree, but not in an archive of it. */
export type LeftOut = 'link' | 'special' | 'hardLink' | 'unreadable' | 'tooDeep';

export interface ManifestEntry {
  kind: 'file' | 'folder' | LeftOut;
  /** As the system has it, with the type. */
  mode: number;
  mtimeMs: number;
  /** Who the file is; its size is 0 for anything else. */
  identity: FileIdentity;
  /** Below the folder that was listed; empty for that folder itself. */
  path: EntryPath;
  /** In the archive: bytes with slashes, one at the end of a folder. */
  name: Buffer;
}

const KINDS = ['file', 'folder', 'link', 'special', 'hardLink', 'unreadable', 'tooDeep'] as const;
const HEAD_BYTES = 33;
const PIECE_BYTES = 512 * 1024;
const SLASH = 0x2f;

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
    const pathEnd = used + HEAD_BYTES + piece.readUInt16LE(used + 29);
    const end = pathEnd + piece.readUInt16LE(used + 31);
    if (end > piece.length) break;
    const mtimeNs = piece.readBigInt64LE(used + 13);
    entries.push({
      kind: KINDS[piece.readUInt8(used) - 1],
      mode: piece.readUInt32LE(used + 1),
      mtimeMs: Number(mtimeNs / 1_000_000n),
      identity: {
        inode: String(piece.readBigUInt64LE(used + 21)),
        size: Number(piece.readBigUInt64LE(used + 5)),
        mtimeNs: String(mtimeNs),
      },
      path: split(piece.subarray(used + HEAD_BYTES, pathEnd)),
      name: piece.subarray(pathEnd, end),
    });
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
