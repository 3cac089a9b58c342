import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/**
 * Who a file is while nobody writes to it: it stays the same when the file is renamed or moved on its disk. A program that sets the time
 * of a file back after writing to it, and keeps its size, deceives it.
 */
export interface FileIdentity {
  /** As text: larger than numbers reach on some disks. */
  inode: string;
  size: number;
  /** Last write in nanoseconds since 1970, as text. */
  mtimeNs: string;
}

/** One text for it, for maps. */
export function identityKey({ inode, size, mtimeNs }: FileIdentity): string {
  return `${inode}-${size}-${mtimeNs}`;
}

export async function identityOf(handle: FileHandle): Promise<FileIdentity> {
  return toIdentity(await handle.stat({ bigint: true }));
}

export function toIdentity({ ino, size, mtimeNs }: BigIntStats): FileIdentity {
  return { inode: String(ino), size: Number(size), mtimeNs: String(mtimeNs) };
}
