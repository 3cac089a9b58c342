import { readSync } from 'node:fs';

/** One page of a TIFF, as far as it tells what it shows. */
export interface TiffPage {
  width: number;
  height: number;
  /** A smaller copy of another page, or a mask of it. */
  isDerived: boolean;
}

export interface TiffFacts {
  pages: TiffPage[];
  /** What the program that wrote it says of it; '' for nothing. */
  description: string;
  /** Pixels of a unit across, and the unit: 1 none, 2 inch, 3 centimetre. Null when not told. */
  resolution: { perUnit: number; unit: number } | null;
}

const MOST_PAGES = 4096;
const MOST_ENTRIES = 512;
const MOST_DESCRIPTION = 4_000_000;
const SIZES: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};
const [SUBFILE, WIDTH, HEIGHT, DESCRIPTION, RESOLUTION, UNIT] = [254, 256, 257, 270, 282, 296];

/** Reads the directories of a TIFF or BigTIFF, no two of them twice. @returns null for what is none. */
export function readTiff(file: number): TiffFacts | null {
  const reader = new DirectoryReader(file);
  return reader.open() ? reader.facts() : null;
}

interface Entry {
  type: number;
  count: number;
  /** Of the value itself. */
  at: number;
}

class DirectoryReader {
  private little = true;
  private big = false;

  constructor(private readonly file: number) {}

  open(): boolean {
    const head = this.read(0, 4);
    if (head?.length !== 4) return false;
    const order = head.toString('latin1', 0, 2);
    this.little = order === 'II';
    const version = this.little ? head.readUInt16LE(2) : head.readUInt16BE(2);
    this.big = version === 43;
    return (order === 'II' || order === 'MM') && (version === 42 || version === 43);
  }

  facts(): TiffFacts {
    const seen = new Set<number>();
    const facts: TiffFacts = { pages: [], description: '', resolution: null };
    let at = this.big ? this.number(8, 8) : this.number(4, 4);
    while (at > 0 && !seen.has(at) && facts.pages.length < MOST_PAGES) {
      seen.add(at);
      const { entries, next } = this.directory(at);
      if (facts.pages.length === 0) {
        facts.description = this.text(entries.get(DESCRIPTION));
        facts.resolution = this.resolution(entries);
      }
      const subfile = this.value(entries.get(SUBFILE));
      facts.pages.push({
        width: this.value(entries.get(WIDTH)),
        height: this.value(entries.get(HEIGHT)),
        isDerived: (subfile & 5) !== 0,
      });
      at = next;
    }
    return facts;
  }

  private directory(at: number): { entries: Map<number, Entry>; next: number } {
    const [head, size] = this.big ? [8, 20] : [2, 12];
    const count = Math.min(this.number(at, head), MOST_ENTRIES);
    const entries = new Map<number, Entry>();
    for (let index = 0; index < count; index++) {
      const place = at + head + index * size;
      const [tag, type] = [this.number(place, 2), this.number(place + 2, 2)];
      const items = this.number(place + 4, this.big ? 8 : 4);
      const inline = place + (this.big ? 12 : 8);
      const fits = items * (SIZES[type] ?? 1) <= (this.big ? 8 : 4);
      entries.set(tag, { type, count: items, at: fits ? inline : this.number(inline, this.big ? 8 : 4) });
    }
    return { entries, next: this.number(at + head + count * size, this.big ? 8 : 4) };
  }

  private value(entry: Entry | undefined): number {
    return entry ? this.number(entry.at, SIZES[entry.type] ?? 1) : 0;
  }

  private text(entry: Entry | undefined): string {
    if (!entry || entry.type !== 2) return '';
    return (this.read(entry.at, Math.min(entry.count, MOST_DESCRIPTION))?.toString('utf8') ?? '').replace(/\0[^]*$/, '');
  }

  private resolution(entries: Map<number, Entry>): TiffFacts['resolution'] {
    const entry = entries.get(RESOLUTION);
    if (!entry || entry.type !== 5) return null;
    const [over, under] = [this.number(entry.at, 4), this.number(entry.at + 4, 4)];
    return over > 0 && under > 0 ? { perUnit: over / under, unit: this.value(entries.get(UNIT)) || 2 } : null;
  }

  /** @returns 0 beyond the end, and for what is too large to be a place in a file. */
  private number(at: number, bytes: number): number {
    const piece = this.read(at, bytes);
    if (piece?.length !== bytes) return 0;
    if (bytes === 8) {
      const value = this.little ? piece.readBigUInt64LE() : piece.readBigUInt64BE();
      return value > BigInt(Number.MAX_SAFE_INTEGER) ? 0 : Number(value);
    }
    return this.little ? piece.readUIntLE(0, bytes) : piece.readUIntBE(0, bytes);
  }

  private read(at: number, length: number): Buffer | null {
    const piece = Buffer.alloc(length);
    return at < 0 || length === 0 ? null : piece.subarray(0, readSync(this.file, piece, 0, length, at));
  }
}
