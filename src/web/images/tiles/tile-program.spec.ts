import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { Logger } from '@nestjs/common';
import sharp from 'sharp';
import { bytesPerTile, levelCount, TILE, type PixelArray } from '../../../browser/viewer/pyramid';
import { pngThatClaims } from '../../../../test/png';
import { tiff, type Pixels } from '../../../../test/tiff';
import { tiffPages, type TestPage } from '../../../../test/tiff-pages';
import type { ImageFacts } from './image-facts';
import { ImageTiles } from './image-tiles';
import { findBox } from './label-boxes';
import { pixelArray } from './page-facts';
import { readEndSync, tileOffset, type TileFileEnd } from './tile-file';
import type { TileTask } from './tile-program';

describe('the program of tiles', () => {
  let folder: string;
  let count = 0;
  const sut = new ImageTiles();

  beforeAll(() => {
    Logger.overrideLogger(false);
    folder = mkdtempSync(join(tmpdir(), 'tiles-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** @returns what was written, open for reading; null when there was nothing to be had. */
  async function run(task: TileTask, bytes: Buffer, further: number[] = []): Promise<{ file: number; path: string } | null> {
    count += 1;
    const [from, path] = [join(folder, `from-${count}`), join(folder, `to-${count}`)];
    writeFileSync(from, bytes);
    const [input, output] = [openSync(from, 'r'), openSync(path, 'w+')];
    const done = await sut.run(task, [input, output, ...further]);
    closeSync(input);
    return done ? { file: output, path } : null;
  }

  async function draft(bytes: Buffer, page = 0, labels = false) {
    const done = await run({ kind: 'draft', page, labels, seconds: 20 }, bytes);
    return done && { ...done, end: readEndSync(done.file)! };
  }

  async function pyramid(bytes: Buffer, labels = false) {
    const first = await draft(bytes, 0, labels);
    const done = await run({ kind: 'pyramid', page: 0, labels, seconds: 20 }, bytes, [first!.file]);
    return done && { ...done, end: readEndSync(done.file)! };
  }

  async function describeImage(bytes: Buffer): Promise<ImageFacts | null> {
    const done = await run({ kind: 'describe' }, bytes);
    return done && (JSON.parse(readFileSync(done.path, 'utf8')) as ImageFacts);
  }

  function tileOf(path: string, end: TileFileEnd, level: number, column: number, row: number): PixelArray {
    const offset = tileOffset(end, level, column, row)!;
    return pixelArray(end.facts.type, readFileSync(path).subarray(offset, offset + bytesPerTile(end.facts)));
  }

  const filled = <Kind extends Pixels>(kind: new (length: number) => Kind, length: number, value: (index: number) => number): Kind => {
    const pixels = new kind(length);
    for (let index = 0; index < length; index++) pixels[index] = value(index);
    return pixels;
  };

  it.each([
    ['8 bits', filled(Uint8Array, 600 * 40, (index) => index % 251), 'uint8'],
    ['12 bits in 16', filled(Uint16Array, 600 * 40, (index) => 75 + (index % 4000)), 'uint16'],
    ['16 bits with a sign', filled(Int16Array, 600 * 40, (index) => (index % 5000) - 2500), 'int16'],
    ['32 bits', filled(Uint32Array, 600 * 40, (index) => index * 70_001), 'uint32'],
    ['fractions with gaps', filled(Float32Array, 600 * 40, (index) => (index % 9 ? index / 997 : NaN)), 'float32'],
    ['fractions of 64 bits', filled(Float64Array, 600 * 40, (index) => index / 4), 'float32'],
  ])('gives each value of %s as it stands in the file', async (_what, pixels, type) => {
    const done = await draft(tiff(pixels, 600, 40));
    expect(done?.end.facts).toMatchObject({ width: 600, height: 40, samples: 1, type });
    const [left, right] = [tileOf(done!.path, done!.end, 0, 0, 0), tileOf(done!.path, done!.end, 0, 1, 0)];
    for (const [x, y] of [
      [0, 0],
      [511, 3],
      [512, 3],
      [599, 39],
      [7, 20],
    ]) {
      const value = x < TILE ? left[y * TILE + x] : right[y * TILE + x - TILE];
      expect(value).toEqual(type === 'float32' ? Math.fround(pixels[y * 600 + x]) : pixels[y * 600 + x]);
    }
    closeSync(done!.file);
  });

  it('gives whole numbers of 64 bits, as masks of Python have them', async () => {
    const pixels = BigInt64Array.from({ length: 60 * 40 }, (_, index) => BigInt(index % 60 < 30 ? 0 : 70_000 + (index % 7)));
    const done = await draft(tiffPages({ pages: [{ pixels, width: 60, height: 40 }] }), 0, true);
    expect(done?.end.facts.type).toBe('int32');
    expect(tileOf(done!.path, done!.end, 0, 0, 0)[TILE + 59]).toBe(Number(pixels[119]));
  });

  it('halves brightness by means, and numbers of objects without mixing them', async () => {
    const [width, height] = [2500, 1100];
    const pixels = filled(Uint16Array, width * height, (index) => (index % width) + 2 * Math.floor(index / width));
    const smooth = await pyramid(tiff(pixels, width, height));
    expect(smooth?.end.levels.map(({ level }) => level)).toEqual([0, 1, 2, 3]);
    expect(levelCount(width, height)).toBe(4);
    expect(tileOf(smooth!.path, smooth!.end, 0, 4, 1)[10 * TILE + 20]).toBe(4 * TILE + 20 + 2 * (TILE + 10));
    // The mean of four neighbours of a slope lies between them.
    expect(tileOf(smooth!.path, smooth!.end, 1, 1, 1)[5 * TILE + 6]).toBe(Math.round((TILE + 6) * 2 + (TILE + 5) * 4 + 1.5));
    const masks = await pyramid(tiff(pixels, width, height), true);
    expect(tileOf(masks!.path, masks!.end, 2, 0, 0)[5 * TILE + 6]).toBe(6 * 4 + 2 * 5 * 4);
  });

  it('reads a mask that stands in all three colours alike as one of numbers, also where it is larger than a first look', async () => {
    const [width, height] = [2600, 700];
    const bytes = Buffer.alloc(width * height * 3);
    const number = (index: number) => (index % 20 < 4 ? 0 : 1 + (Math.floor((index % width) / 20) % 120));
    for (let index = 0; index < width * height; index++) bytes.fill(number(index), index * 3, index * 3 + 3);
    const mask = await sharp(bytes, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    expect((await draft(mask))?.end.facts).toMatchObject({ samples: 3, labels: true });
    const done = await pyramid(mask, true);
    expect(done?.end.facts).toMatchObject({ samples: 1, type: 'uint8' });
    expect(tileOf(done!.path, done!.end, 0, 4, 1)[30 * TILE + 26]).toBe(number((TILE + 30) * width + 4 * TILE + 26));
    for (let index = 0; index < width * height; index++) bytes.fill((index * 7919) % 251, index * 3, index * 3 + 3);
    const photo = await sharp(bytes, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    expect((await draft(photo, 0, true))?.end.facts).toMatchObject({ samples: 3, labels: false });
  });

  it('begins with a first look whose pixels are pixels of the image', async () => {
    const [width, height] = [6000, 500];
    const labels = filled(
      Uint32Array,
      width * height,
      (index) => 1 + Math.floor((index % width) / 50) + 1000 * Math.floor(index / width / 50),
    );
    const done = await draft(tiff(labels, width, height), 0, true);
    expect(done?.end.levels.map(({ level }) => level)).toEqual([2, 3, 4]);
    expect(done?.end.facts).toMatchObject({ labels: false });
    const known = new Set(labels);
    const tile = tileOf(done!.path, done!.end, 2, 1, 0);
    for (let x = 0; x < TILE; x += 3) expect(known.has(tile[100 * TILE + x])).toBe(true);
  });

  it('tells what is bright, leaving out what is no number', async () => {
    const pixels = filled(Float32Array, 300 * 300, (index) => (index === 5 ? 1e6 : index % 11 === 0 ? NaN : index % 100));
    const done = await draft(tiff(pixels, 300, 300));
    const [facts] = done!.end.facts.sampleFacts;
    expect(facts).toMatchObject({ least: 0, most: 1e6 });
    expect(facts.high).toBeLessThan(200);
    const whole = await draft(
      tiff(
        filled(Uint16Array, 300 * 300, (index) => 1000 + (index % 1000)),
        300,
        300,
      ),
    );
    expect(whole!.end.facts.sampleFacts[0]).toMatchObject({
      least: 1000,
      most: 1999,
      low: expect.closeTo(1009, -1),
      high: expect.closeTo(1998, -1),
    });
  });

  it('writes once what each object of a mask covers, across tiles and in parts', async () => {
    const [width, height] = [1100, 600];
    const at = (x: number, y: number) =>
      x >= 500 && x < 530 && y >= 505 && y < 520 ? 70_000 : (x === 3 || x === 1099) && y === 599 ? 7 : 0;
    const first = await draft(
      tiff(
        filled(Uint32Array, width * height, (index) => at(index % width, Math.floor(index / width))),
        width,
        height,
      ),
    );
    const path = join(folder, 'boxes');
    const output = openSync(path, 'w+');
    expect(await sut.run({ kind: 'boxes' }, [first!.file, output])).toBe(true);
    closeSync(output);
    const handle = await open(path);
    const find = async (label: number) => findBox({ handle, size: (await handle.stat()).size }, label);
    expect(await find(70_000)).toEqual({ left: 500, top: 505, right: 529, bottom: 519 });
    expect(await find(7)).toEqual({ left: 3, top: 599, right: 1099, bottom: 599 });
    expect([await find(1), await find(8), await find(70_001)]).toEqual([null, null, null]);
    await handle.close();
    const none = await draft(tiff(new Uint16Array(600), 30, 20));
    const empty = openSync(join(folder, 'no-boxes'), 'w+');
    expect(await sut.run({ kind: 'boxes' }, [none!.file, empty])).toBe(true);
    expect(readFileSync(join(folder, 'no-boxes')).length).toBeGreaterThan(0);
  });

  const page = (value: number, samples = 1): TestPage => ({
    pixels: filled(Uint16Array, 40 * 30 * samples, (index) => value + (index % samples)),
    width: 40,
    height: 30,
    samples,
  });
  const ome = (pixels: string, channels = '') =>
    `<?xml version="1.0"?><OME><Image><Pixels ${pixels}>${channels}<TiffData/></Pixels></Image></OME>`;

  it('reads the channels, planes and pixel size of an OME-TIFF, also a BigTIFF', async () => {
    const description = ome(
      'DimensionOrder="XYCZT" SizeC="2" SizeZ="3" SizeT="1" PhysicalSizeX="650" PhysicalSizeXUnit="nm"',
      '<Channel ID="0" Name="DAPI" Color="65535"/><Channel ID="1" Name="CD3 &amp; CD8" Color="16711935"/>',
    );
    const bytes = tiffPages({ pages: [0, 1, 2, 3, 4, 5].map((value) => page(value)), description, big: true });
    expect(await describeImage(bytes)).toMatchObject({
      planes: 3,
      pixelSize: 0.65,
      channels: [
        { name: 'DAPI', colour: '#0000ff', pages: [0, 2, 4], kind: 'light' },
        { name: 'CD3 & CD8', colour: '#00ff00', pages: [1, 3, 5] },
      ],
    });
    const done = await draft(bytes, 3);
    expect(tileOf(done!.path, done!.end, 0, 0, 0)[0]).toBe(3);
  });

  it.each([
    [
      'ImageJ in its unit',
      { description: 'ImageJ=1.53\nimages=6\nchannels=3\nslices=2\nunit=micron\n', resolution: { perUnit: 2, unit: 1 } },
      3,
      2,
      0.5,
    ],
    ['pixels of a centimetre', { resolution: { perUnit: 20_000, unit: 3 } }, 6, 1, 0.5],
    ['a printer', { resolution: { perUnit: 72, unit: 2 } }, 6, 1, null],
  ] as const)('reads what %s tells', async (_what, words, channels, planes, pixelSize) => {
    const bytes = tiffPages({ pages: [0, 1, 2, 3, 4, 5].map((value) => page(value)), ...words });
    const facts = await describeImage(bytes);
    expect([facts?.channels.length, facts?.planes, facts?.pixelSize]).toEqual([channels, planes, pixelSize]);
  });

  it('takes samples side by side for channels, none of them for transparency', async () => {
    for (const samples of [2, 3, 4, 5]) {
      const bytes = tiffPages({ pages: [page(100, samples)] });
      expect((await describeImage(bytes))?.channels.map(({ sample }) => sample)).toEqual(
        Array.from({ length: samples }, (_, sample) => sample),
      );
      const done = await draft(bytes);
      expect([...tileOf(done!.path, done!.end, 0, 0, 0).subarray(0, samples)]).toEqual(
        Array.from({ length: samples }, (_, sample) => 100 + sample),
      );
    }
  });

  const OME_BOMB = `<!DOCTYPE a [<!ENTITY a "OMEOMEOME">${Array.from({ length: 30 }, (_, index) => `<!ENTITY a${index} "${`&a${index - 1};`.repeat(10)}">`).join('')}]><OME><Pixels SizeC="&a29;" SizeZ="1e9" SizeT="9999999999999"><Channel Name="&a29;"/></Pixels></OME>`;
  const OME_ELSEWHERE = `<!DOCTYPE a SYSTEM "http://127.0.0.1:1/stolen"><OME><Pixels SizeC="1" SizeZ="1" SizeT="1"><TiffData><UUID FileName="file:///etc/passwd">urn:uuid:1</UUID></TiffData></Pixels></OME>`;
  const small = tiff(
    filled(Uint16Array, 2400, (index) => index),
    60,
    40,
  );
  const [WIDTH, HEIGHT, STRIPS, SAMPLES, ROWS, LENGTHS] = [0, 1, 5, 6, 7, 8];
  /** With other values, and counts of them, in these entries of its directory. */
  const altered = (...changes: [entry: number, value: number, count?: number][]) => {
    const bytes = Buffer.from(small);
    for (const [entry, value, count = 1] of changes) {
      const at = bytes.readUInt32LE(4) + 2 + entry * 12;
      bytes.writeUInt32LE(count, at + 4);
      bytes.writeUInt32LE(value, at + 8);
    }
    return bytes;
  };
  const claims = (width: number, height: number) => altered([WIDTH, width], [HEIGHT, height], [ROWS, height]);
  const turned = () => Buffer.concat([Buffer.from('MM'), small.subarray(2)]);
  /** Zeros, packed to a thousandth. */
  const bomb = () => {
    const [width, height] = [5000, 4000];
    const packed = deflateSync(Buffer.alloc(width * height * 2), { level: 9 });
    const bytes = tiff(new Uint8Array(packed), packed.length, 1);
    const directory = bytes.readUInt32LE(4) + 2;
    for (const [entry, value] of [
      [WIDTH, width],
      [HEIGHT, height],
      [2, 16],
      [3, 8],
      [ROWS, height],
    ])
      bytes.writeUInt32LE(value, directory + entry * 12 + 8);
    return bytes;
  };
  const loops = () => {
    const bytes = Buffer.from(small);
    bytes.writeUInt32LE(bytes.readUInt32LE(4), bytes.length - 4);
    return bytes;
  };

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('just text')],
    ['a drawing that reads a file', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')],
    ['a torn TIFF', small.subarray(0, 300)],
    ['a TIFF that claims a hundred thousand pixels square', claims(100_000, 100_000)],
    ['a TIFF without a pixel', claims(0, 0)],
    ['a TIFF of 4,096 samples a pixel', altered([SAMPLES, 4096])],
    ['a TIFF of two thousand million strips', altered([STRIPS, 8, 2 ** 31], [ROWS, 1], [LENGTHS, 8, 2 ** 31])],
    ['a TIFF whose numbers stand the other way round', turned()],
    ['a TIFF of next to nothing that unpacks to 40 MB', bomb()],
    [
      'fractions without a number among them',
      tiff(
        filled(Float32Array, 2400, (index) => [NaN, Infinity, -Infinity][index % 3]),
        60,
        40,
      ),
    ],
    ['a TIFF whose directory leads to itself', loops()],
    ['a million pages', manyPages(1_000_000)],
    ['a PNG of a hundred thousand pixels square', pngThatClaims(100_000, 100_000)],
    ['a PNG that has to be unpacked whole, to 2 GB', pngThatClaims(16_000, 16_000, { bits: 16, colour: 6, interlaced: true })],
    ['an OME-TIFF whose words grow without end', tiffPages({ pages: [page(1, 1)], description: OME_BOMB })],
    ['an OME-TIFF that keeps its pixels in other files', tiffPages({ pages: [page(1, 1)], description: OME_ELSEWHERE })],
  ])('ends by itself on %s, and writes little', async (_what, bytes) => {
    const facts = await describeImage(bytes);
    expect(facts?.channels.length ?? 0).toBeLessThanOrEqual(64);
    const first = await draft(bytes);
    const whole = first && (await run({ kind: 'pyramid', page: 0, labels: false, seconds: 20 }, bytes, [first.file]));
    for (const done of [first, whole]) if (done) expect(readFileSync(done.path).length).toBeLessThan(64_000_000);
  });

  const collections = '{"type":"GeometryCollection","geometries":[';
  it.each([
    ['lists in lists without end', `{"coordinates":${'['.repeat(500_000)}`],
    ['a hundred thousand lists in lists', `{"coordinates":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['a hundred thousand collections in collections', `${collections.repeat(100_000)}${']}'.repeat(100_000)}`],
    ['shapes beyond all images', '[{"coordinates":[[[0,0],[9,1e300],[3,3]]]},{"coordinates":[[[0,0],[1e300,9],[3,3]]]}]'],
    ['numbers beyond all numbers', '[{"coordinates":[[[1e999,1],[-1e999,2],[3,3]]]}]'],
    ['more shapes than are shown', `[${'{},'.repeat(2_000_001)}{}]`],
    ['names for what all objects have', '{"features":[{"__proto__":{"geometry":{"coordinates":[1,2]}},"constructor":1}]}'],
  ])('ends by itself on GeoJSON with %s', async (_what, text) => {
    const done = await run({ kind: 'shapes', key: '__proto__' }, Buffer.from(text));
    if (done) expect(readFileSync(done.path).length).toBeLessThan(10_000);
  });
});

/** A few bytes each: one pixel that all of them share. */
function manyPages(count: number): Buffer {
  const entries: [number, number, number][] = [
    [256, 3, 1],
    [257, 3, 1],
    [258, 3, 8],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 3, 1],
    [279, 4, 1],
  ];
  const size = 2 + entries.length * 12 + 4;
  const bytes = Buffer.alloc(12 + count * size);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(12, 4);
  for (let index = 0; index < count; index++) {
    const at = 12 + index * size;
    bytes.writeUInt16LE(entries.length, at);
    entries.forEach(([tag, type, value], place) => {
      bytes.writeUInt16LE(tag, at + 2 + place * 12);
      bytes.writeUInt16LE(type, at + 4 + place * 12);
      bytes.writeUInt32LE(1, at + 6 + place * 12);
      bytes.writeUInt32LE(value, at + 10 + place * 12);
    });
    bytes.writeUInt32LE(index === count - 1 ? 0 : at + size, at + size - 4);
  }
  return bytes;
}
