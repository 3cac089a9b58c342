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

/** Beyond, a library takes minutes for what nobody has. */
export const MOST_PAGES = 20_000;
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
const [BITS, COMPRESSION, STRIPS, SAMPLES, ROWS, PLANES, FORMAT] = [258, 259, 273, 277, 278, 284, 339];
const MOST_STRIPS = 1_000_000;

/** Reads the directories of a TIFF or BigTIFF, no two of them twice. @returns null for what is none. */
export function readTiff(file: number): TiffFacts | null {
  const reader = new DirectoryReader(file);
  return reader.open() ? reader.facts() : null;
}

/** As `PlainLayout`. @returns null for what is no TIFF, too. */
export function readPlainLayout(file: number, page: number): PlainLayout | null {
  const reader = new DirectoryReader(file);
  return reader.open() ? reader.plain(page) : null;
}

/** Pixels row by row in strips, uncompressed, samples side by side. */
export interface PlainLayout {
  width: number;
  height: number;
  samples: number;
  bits: number;
  /** 1 whole, 2 whole with a sign, 3 fractions. */
  format: number;
  little: boolean;
  /** Of a strip. */
  rows: number;
  /** Where they begin. */
  strips: number[];
}

interface Directory {
  entries: Map<number, Entry>;
  /** Where the next one stands; 0 for none. */
  next: number;
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
  private kept: { at: number; bytes: Buffer } = { at: 0, bytes: Buffer.alloc(0) };

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
    const facts: TiffFacts = { pages: [], description: '', resolution: null };
    for (const { entries } of this.directories()) {
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
    }
    return facts;
  }

  /** How the pixels of a page lie in the file; null where that is in no plain way. */
  plain(page: number): PlainLayout | null {
    let index = 0;
    for (const { entries } of this.directories()) if (index++ === page) return this.layout(entries);
    return null;
  }

  /** At most one more than `MOST_PAGES`. */
  private *directories(): Generator<Directory> {
    const seen = new Set<number>();
    let at = this.big ? this.number(8, 8) : this.number(4, 4);
    while (at > 0 && !seen.has(at) && seen.size <= MOST_PAGES) {
      seen.add(at);
      const directory = this.directory(at);
      yield directory;
      at = directory.next;
    }
  }

  private layout(entries: Map<number, Entry>): PlainLayout | null {
    const one = (tag: number, otherwise: number) => this.value(entries.get(tag)) || otherwise;
    const offsets = entries.get(STRIPS);
    if (!offsets || one(COMPRESSION, 1) !== 1 || one(PLANES, 1) !== 1 || offsets.count > MOST_STRIPS) return null;
    const [width, height] = [one(WIDTH, 0), one(HEIGHT, 0)];
    const size = SIZES[offsets.type] ?? 4;
    return {
      width,
      height,
      samples: one(SAMPLES, 1),
      bits: one(BITS, 1),
      format: one(FORMAT, 1),
      little: this.little,
      rows: Math.min(one(ROWS, height), height),
      strips: Array.from({ length: offsets.count }, (_, index) => this.number(offsets.at + index * size, size)),
    };
  }

  private directory(at: number): Directory {
    const [head, size] = this.big ? [8, 20] : [2, 12];
    const count = Math.min(this.number(at, head), MOST_ENTRIES);
    this.keep(at, head + count * size + 8);
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

  /** Many small numbers are read at once. */
  private keep(at: number, length: number): void {
    this.kept = { at, bytes: this.read(at, length) ?? Buffer.alloc(0) };
  }

  private read(at: number, length: number): Buffer | null {
    const begin = at - this.kept.at;
    if (begin >= 0 && begin + length <= this.kept.bytes.length) return this.kept.bytes.subarray(begin, begin + length);
    const piece = Buffer.alloc(length);
    return at < 0 || length === 0 ? null : piece.subarray(0, readSync(this.file, piece, 0, length, at));
  }
}
