import type { FileHandle } from 'node:fs/promises';

/** Bytes of a number in the two kinds of TIFF, and of an entry of a directory of tags. */
const CLASSIC = { count: 2, entry: 12, word: 4 } as const;
const BIG = { count: 8, entry: 20, word: 8 } as const;
const MOST_ENTRIES = 4096;
/** Of a longer list of pieces the last are looked at. */
const MOST_LISTED_BYTES = 256 * 1024;
/** Bytes of a value by its type in the tags that matter: short, long, long of eight bytes. */
const VALUE_BYTES: Record<number, number> = { 3: 2, 4: 4, 16: 8, 18: 8 };
const OFFSETS = new Set([273, 324]);
const COUNTS = new Set([279, 325]);

interface Tag {
  type: number;
  count: number;
  /** Where its values begin in the file. */
  at: number;
}

/**
 * Whether the first page of a TIFF lies in the file whole: its tags, and all strips or tiles that they name. Files in which that cannot
 * be found out, such as ones without such lists, pass: whoever decodes them will tell.
 */
export async function hasAllOfFirstPage(handle: FileHandle, size: number): Promise<boolean> {
  const file = new TiffFile(handle, size);
  try {
    return await file.hasFirstPage();
  } catch (error) {
    if (error instanceof Cut) return false;
    throw error;
  }
}

/** What is wanted lies behind the end of the file. */
class Cut extends Error {}

class TiffFile {
  private isLittle = true;
  private kind: typeof CLASSIC | typeof BIG = CLASSIC;

  constructor(
    private readonly handle: FileHandle,
    private readonly size: number,
  ) {}

  async hasFirstPage(): Promise<boolean> {
    const head = await this.read(0, 8);
    this.isLittle = head[0] === 0x49;
    this.kind = head[this.isLittle ? 2 : 3] === 0x2b ? BIG : CLASSIC;
    const at = this.kind === BIG ? this.number(await this.read(8, 8), 0, 8) : this.number(head, 4, 4);
    // Libraries that write the pixels first leave a zero here until they know.
    if (at === 0) return false;
    const [offsets, counts] = await this.pieces(at);
    if (!offsets || !counts || offsets.count !== counts.count) return true;
    return this.hasAll(offsets, counts);
  }

  private async pieces(at: number): Promise<[offsets: Tag | null, counts: Tag | null]> {
    const { count, entry, word } = this.kind;
    const entries = Math.min(this.number(await this.read(at, count), 0, count), MOST_ENTRIES);
    const list = await this.read(at + count, entries * entry);
    let offsets: Tag | null = null;
    let counts: Tag | null = null;
    for (let from = 0; from < list.length; from += entry) {
      const id = this.number(list, from, 2);
      if (!OFFSETS.has(id) && !COUNTS.has(id)) continue;
      const type = this.number(list, from + 2, 2);
      const values = this.number(list, from + 4, word);
      const isInside = values * (VALUE_BYTES[type] ?? word) <= word;
      const valuesAt = isInside ? at + count + from + 4 + word : this.number(list, from + 4 + word, word);
      const tag = { type, count: values, at: valuesAt };
      if (OFFSETS.has(id)) offsets = tag;
      else counts = tag;
    }
    return [offsets, counts];
  }

  private async hasAll(offsets: Tag, counts: Tag): Promise<boolean> {
    const [starts, lengths] = [await this.values(offsets), await this.values(counts)];
    const shared = Math.min(starts.length, lengths.length);
    for (let back = 1; back <= shared; back += 1) {
      const [start, length] = [starts.at(-back) ?? 0, lengths.at(-back) ?? 0];
      if (start + length > this.size || (start === 0 && length > 0)) return false;
    }
    return true;
  }

  private async values({ type, count, at }: Tag): Promise<number[]> {
    const bytes = VALUE_BYTES[type];
    if (bytes === undefined) return [];
    const shown = Math.min(count, Math.floor(MOST_LISTED_BYTES / bytes));
    const list = await this.read(at + (count - shown) * bytes, shown * bytes);
    return Array.from({ length: shown }, (_, index) => this.number(list, index * bytes, bytes));
  }

  private number(from: Buffer, at: number, bytes: number): number {
    if (bytes === 8) return Number(this.isLittle ? from.readBigUInt64LE(at) : from.readBigUInt64BE(at));
    return this.isLittle ? from.readUIntLE(at, bytes) : from.readUIntBE(at, bytes);
  }

  private async read(from: number, length: number): Promise<Buffer> {
    if (from + length > this.size) throw new Cut();
    const { buffer, bytesRead } = await this.handle.read(Buffer.alloc(length), 0, length, from);
    if (bytesRead < length) throw new Cut();
    return buffer;
  }
}
