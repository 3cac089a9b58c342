import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import sharp from 'sharp';
import { pngThatClaims } from '../../../test/png';
import { tiff, type Pixels } from '../../../test/tiff';
import { ImageRenderer } from './image-renderer';

const WIDTH = 60;
const HEIGHT = 40;
const COUNT = WIDTH * HEIGHT;

describe('ImageRenderer', () => {
  let folder: string;
  const sut = new ImageRenderer();

  beforeAll(() => {
    Logger.overrideLogger(false);
    folder = mkdtempSync(join(tmpdir(), 'renderer-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function render(bytes: Buffer, { labels = false, most = 2000 } = {}): Promise<Buffer | null> {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, bytes);
    const input = await open(from, 'r');
    const output = await open(to, 'w');
    const done = await sut.render(input.fd, output.fd, { most, labels, lane: 'view' });
    await Promise.all([input.close(), output.close()]);
    return done ? readFile(to) : null;
  }

  async function greys(bytes: Buffer): Promise<{ least: number; most: number; levels: number }> {
    const png = await render(bytes);
    expect((await sharp(png!).metadata()).channels).toBe(1);
    const data = await sharp(png!).toColourspace('b-w').raw().toBuffer();
    return { least: Math.min(...data), most: Math.max(...data), levels: new Set(data).size };
  }

  const picture = <Kind extends Pixels>(kind: new (length: number) => Kind, value: (index: number) => number): Buffer => {
    const pixels = new kind(COUNT);
    for (let index = 0; index < COUNT; index++) pixels[index] = value(index);
    return tiff(pixels, WIDTH, HEIGHT);
  };
  const noise = (index: number) => (index * 7919) % 997;

  it.each([
    ['12 bits in 16', picture(Uint16Array, (index) => 75 + noise(index) * 4)],
    ['16 bits with a sign', picture(Int16Array, (index) => noise(index))],
    ['32 bits', picture(Uint32Array, (index) => noise(index) * 1000 + (index % 3))],
    ['fractions', picture(Float32Array, (index) => noise(index) / 997)],
    ['fractions with gaps', picture(Float32Array, (index) => (index % 9 ? noise(index) : NaN))],
    ['8 bits that are next to black', picture(Uint8Array, (index) => noise(index) % 40)],
  ])('brings %s into the range that eyes see', async (_what, bytes) => {
    const { least, most, levels } = await greys(bytes);
    expect(least).toBeLessThan(5);
    expect(most).toBe(255);
    expect(levels).toBeGreaterThan(30);
  });

  it('leaves 8 bits of ordinary brightness as they are', async () => {
    expect(await greys(picture(Uint8Array, (index) => 50 + (noise(index) % 150)))).toMatchObject({ least: 50, most: 199 });
  });

  it('shows a few odd pixels without losing all others', async () => {
    const { levels } = await greys(picture(Uint16Array, (index) => (index === 5 ? 65_535 : 100 + noise(index))));
    expect(levels).toBeGreaterThan(100);
  });

  it.each([Uint16Array, Uint32Array, Uint8Array, Float32Array])('colours the objects of a label image (%p)', async (kind) => {
    const objects = (index: number) => {
      const [x, y] = [index % WIDTH, Math.floor(index / WIDTH)];
      return x % 10 < 2 || y % 10 < 2 ? 0 : 1 + Math.floor(x / 10) + 6 * Math.floor(y / 10);
    };
    const png = await render(picture(kind as new (length: number) => Uint16Array, objects));
    const { data, info } = await sharp(png!).raw().toBuffer({ resolveWithObject: true });
    const colours = new Set(Array.from({ length: COUNT }, (_, index) => data.readUIntBE(index * info.channels, 3)));
    expect(info.channels).toBe(3);
    expect(colours.size).toBe(25);
    expect(data.readUIntBE(0, 3)).toBe(0);
  });

  it('believes a name that says so: two objects are enough', async () => {
    const two = picture(Uint16Array, (index) => (index < 500 ? 0 : index < 1000 ? 1 : 900));
    const { data } = await sharp((await render(two, { labels: true }))!)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(new Set([data.readUIntBE(0, 3), data.readUIntBE(700 * 3, 3), data.readUIntBE(2000 * 3, 3)]).size).toBe(3);
  });

  describe('of red, green and blue that are alike', () => {
    const cells = (index: number) => {
      const [x, y] = [index % WIDTH, Math.floor(index / WIDTH)];
      return x % 10 < 2 || y % 10 < 2 ? 0 : 1 + Math.floor(x / 10) + 6 * Math.floor(y / 10);
    };
    const colours = (value: (index: number) => number, channels: 3 | 4 = 3, tint = 0) => {
      const bytes = Buffer.alloc(COUNT * channels, 255);
      for (let index = 0; index < COUNT; index++) bytes.fill(value(index), index * channels, index * channels + 3);
      bytes[0] += tint;
      return sharp(bytes, { raw: { width: WIDTH, height: HEIGHT, channels } });
    };
    const coloursIn = async (bytes: Buffer, labels = false) => {
      const png = await render(bytes, { labels });
      const { data } = await sharp(png!).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
      return {
        found: new Set(Array.from({ length: COUNT }, (_, index) => data.readUIntBE(index * 3, 3))),
        isGrey: Array.from({ length: COUNT }, (_, index) => index * 3).every(
          (at) => data[at] === data[at + 1] && data[at] === data[at + 2],
        ),
      };
    };
    // A slide: bright ground, and tissue whose neighbours are hardly ever equal.
    const photo = (index: number) => (index % WIDTH < 40 ? 250 : 20 + (noise(index) % 200));

    it.each([
      ['a PNG without a hint', async () => colours(cells).png().toBuffer(), false],
      ['a TIFF without a hint', async () => colours(cells).tiff({ compression: 'deflate' }).toBuffer(), false],
      ['a PNG with transparency', async () => colours(cells, 4).png().toBuffer(), false],
      ['16 bits', async () => colours(cells).toColourspace('rgb16').png().toBuffer(), true],
      [
        'far numbers that a name calls a mask',
        async () =>
          colours((index) => cells(index) * 10)
            .png()
            .toBuffer(),
        true,
      ],
    ])('colours the objects of %s', async (_what, bytes, labels) => {
      expect((await coloursIn(await bytes(), labels)).found.size).toBe(25);
    });

    it('turns a mask as its file says', async () => {
      const mask = await colours(cells).withMetadata({ orientation: 6 }).webp({ lossless: true }).toBuffer();
      expect(await sharp((await render(mask))!).metadata()).toMatchObject({ width: HEIGHT, height: WIDTH });
      expect((await coloursIn(mask)).isGrey).toBe(false);
    });

    it('looks for masks in what is not too large', async () => {
      const large = await sharp({ create: { width: 6000, height: 6000, channels: 3, background: '#010101' } })
        .composite([{ input: { create: { width: 3000, height: 6000, channels: 3, background: '#020202' } }, left: 0, top: 0 }])
        .png({ compressionLevel: 1 })
        .toBuffer();
      const isColoured = async (labels: boolean) => {
        const { channels } = await sharp((await render(large, { labels, most: 60 }))!).stats();
        return channels[0].max !== channels[1].max || channels[0].max !== channels[2].max;
      };
      expect(await isColoured(false)).toBe(false);
      expect(await isColoured(true)).toBe(true);
    });

    it('colours a mask of one kind, where a name says so', async () => {
      const black = (index: number) => (cells(index) > 0 ? 255 : 0);
      expect(await coloursIn(await colours(black).png().toBuffer())).toMatchObject({ isGrey: true });
      expect(await coloursIn(await colours(black).png().toBuffer(), true)).toMatchObject({ isGrey: false, found: { size: 2 } });
    });

    it.each([
      ['a photograph in grey', async () => colours(photo).png().toBuffer(), false],
      ['a photograph in grey that a name calls a mask', async () => colours(photo).png().toBuffer(), true],
      [
        'levels with gaps, as drawings have, without a hint',
        async () =>
          colours((index) => cells(index) * 10)
            .png()
            .toBuffer(),
        false,
      ],
    ])('leaves %s as it is', async (_what, bytes, labels) => {
      expect(await coloursIn(await bytes(), labels)).toMatchObject({ isGrey: true });
    });

    it('leaves an image with a spot of colour as it is', async () => {
      expect((await coloursIn(await colours(cells, 3, 9).png().toBuffer(), true)).found).toContain(0x090000);
    });
  });

  it('scales down and keeps the kind of a photograph', async () => {
    const photo = await sharp({ create: { width: 400, height: 300, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
    expect(await sharp((await render(photo, { most: 100 }))!).metadata()).toMatchObject({ format: 'jpeg', width: 100, height: 75 });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('just text')],
    ['a drawing that reads a file', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')],
    ['a torn TIFF', picture(Uint16Array, noise).subarray(0, 300)],
    ['numbers of 64 bits', picture(Float64Array, noise)],
    ['a TIFF whose directory leads to itself', loopingTiff()],
    ['a hundred thousand pixels square with nothing in it', hugeTiff()],
    ['a PNG of a hundred thousand pixels square', pngThatClaims(100_000, 100_000)],
    ['a PNG that has to be unpacked whole, to 2 GB', pngThatClaims(16_000, 16_000, { bits: 16, colour: 6, interlaced: true })],
  ])('gives no picture for %s, and goes on', async (_what, bytes) => {
    const png = await render(bytes);
    if (png) expect((await sharp(png).metadata()).width).toBeLessThanOrEqual(2000);
    expect(await render(picture(Uint16Array, noise))).not.toBeNull();
  });
});

function loopingTiff(): Buffer {
  const bytes = tiff(new Uint16Array(COUNT), WIDTH, HEIGHT);
  const directory = bytes.readUInt32LE(4);
  bytes.writeUInt32LE(directory, bytes.length - 4);
  return bytes;
}

function hugeTiff(): Buffer {
  const bytes = tiff(new Uint16Array(COUNT), WIDTH, HEIGHT);
  const directory = bytes.readUInt32LE(4);
  for (const entry of [0, 1, 7]) bytes.writeUInt32LE(100_000, directory + 2 + entry * 12 + 8);
  return bytes;
}
