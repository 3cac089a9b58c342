import { FIRST_TILE, readFully } from './tile-file';

/** Readers compute where a tile lies; another order would show them another place. */
export function requireTilesInOrder(file: number, count: number, size: number): void {
  const head = readFully(file, FIRST_TILE, 0);
  const directory = Number(head.readBigUInt64LE(8));
  if (head.toString('latin1', 0, 2) !== 'II' || head.readUInt16LE(2) !== 43) throw new Error('the tiles are in another format');
  const entries = Number(readFully(file, 8, directory).readBigUInt64LE(0));
  const table = readFully(file, entries * 20, directory + 8);
  for (let entry = 0; entry < entries; entry++) {
    if (table.readUInt16LE(entry * 20) !== 324) continue;
    const place = Number(table.readBigUInt64LE(entry * 20 + 12));
    const offsets = count === 1 ? [place] : bigints(readFully(file, count * 8, place));
    if (offsets.length === count && offsets.every((offset, index) => offset === FIRST_TILE + index * size)) return;
  }
  throw new Error('the tiles lie in another order');
}

function bigints(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 8 }, (_, index) => Number(bytes.readBigUInt64LE(index * 8)));
}
