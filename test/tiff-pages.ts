import type { Pixels } from './tiff';

export interface TestPage {
  /** Row by row, the samples of a pixel side by side. */
  pixels: Pixels | BigInt64Array;
  width: number;
  height: number;
  samples?: number;
}

export interface TestTiff {
  pages: TestPage[];
  big?: boolean;
  description?: string;
  /** Pixels of an inch (2) or a centimetre (3). */
  resolution?: { perUnit: number; unit: 1 | 2 | 3 };
}

const [ASCII, SHORT, LONG, RATIONAL] = [2, 3, 4, 5];
const [UNSIGNED, SIGNED, FLOAT] = [1, 2, 3];

type Tag = [tag: number, type: number, value: number | Buffer];

/** An uncompressed little-endian TIFF or BigTIFF of any number of pages, as tools of the field write them. */
export function tiffPages({ pages, big = false, description, resolution }: TestTiff): Buffer {
  const parts: Buffer[] = [Buffer.alloc(big ? 16 : 8)];
  let at = parts[0].length;
  const put = (bytes: Buffer): number => {
    const place = at;
    const padded = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
    parts.push(padded);
    at += padded.length;
    return place;
  };
  const [head] = parts;
  head.write('II', 'latin1');
  head.writeUInt16LE(big ? 43 : 42, 2);
  if (big) head.writeUInt16LE(8, 4);
  let link = { buffer: head, place: big ? 8 : 4 };
  pages.forEach((page, index) => {
    const data = Buffer.from(page.pixels.buffer, page.pixels.byteOffset, page.pixels.byteLength);
    const words = index === 0 ? describe(description, resolution) : [];
    const tags: Tag[] = [...layout(page, put(data), data.length), ...words].sort(([one], [other]) => one - other);
    const directory = directoryOf(tags, big, put);
    const place = put(directory);
    if (big) link.buffer.writeBigUInt64LE(BigInt(place), link.place);
    else link.buffer.writeUInt32LE(place, link.place);
    link = { buffer: parts.at(-1)!, place: directory.length - (big ? 8 : 4) };
  });
  return Buffer.concat(parts);
}

function layout({ pixels, width, height, samples = 1 }: TestPage, place: number, bytes: number): Tag[] {
  const name = pixels.constructor.name;
  const format = name.startsWith('Float') ? FLOAT : /^(Big)?Int/.test(name) ? SIGNED : UNSIGNED;
  const each = (value: number) => (samples === 1 ? value : shorts(samples, value));
  return [
    [256, LONG, width],
    [257, LONG, height],
    [258, SHORT, each(pixels.BYTES_PER_ELEMENT * 8)],
    [259, SHORT, 1],
    [262, SHORT, samples === 3 ? 2 : 1],
    [273, LONG, place],
    [277, SHORT, samples],
    [278, LONG, height],
    [279, LONG, bytes],
    [284, SHORT, 1],
    [339, SHORT, each(format)],
    ...(samples === 2 || samples > 3 ? [[338, SHORT, samples === 2 ? 0 : shorts(samples - 1, 0)] as Tag] : []),
  ];
}

function describe(description: string | undefined, resolution: TestTiff['resolution']): Tag[] {
  const tags: Tag[] = [];
  if (description !== undefined) tags.push([270, ASCII, Buffer.from(`${description}\0`)]);
  if (!resolution) return tags;
  const ratio = Buffer.alloc(8);
  ratio.writeUInt32LE(Math.round(resolution.perUnit * 1000), 0);
  ratio.writeUInt32LE(1000, 4);
  return [...tags, [282, RATIONAL, ratio], [283, RATIONAL, ratio], [296, SHORT, resolution.unit]];
}

function shorts(count: number, value: number): Buffer {
  return Buffer.from(Uint16Array.from({ length: count }, () => value).buffer);
}

function directoryOf(tags: Tag[], big: boolean, put: (bytes: Buffer) => number): Buffer {
  const [count, entry, room] = big ? [8, 20, 8] : [2, 12, 4];
  const directory = Buffer.alloc(count + tags.length * entry + room);
  if (big) directory.writeBigUInt64LE(BigInt(tags.length), 0);
  else directory.writeUInt16LE(tags.length, 0);
  tags.forEach(([tag, type, value], index) => {
    const place = count + index * entry;
    directory.writeUInt16LE(tag, place);
    directory.writeUInt16LE(type, place + 2);
    const items = typeof value === 'number' ? 1 : value.length / (type === SHORT ? 2 : type === RATIONAL ? 8 : 1);
    directory.writeUInt32LE(items, place + 4);
    const at = place + (big ? 12 : 8);
    if (typeof value !== 'number' && value.length <= room) value.copy(directory, at);
    else if (typeof value === 'number' && type === SHORT) directory.writeUInt16LE(value, at);
    else directory.writeUInt32LE(typeof value === 'number' ? value : put(value), at);
  });
  return directory;
}
