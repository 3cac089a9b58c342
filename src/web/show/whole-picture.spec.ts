import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { tiff } from '../../../test/tiff';
import { isWholePicture } from './whole-picture';

const EDGE = 300;

describe('isWholePicture', () => {
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'showrunner-whole-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Something that does not get small. */
  const noise = () => sharp(Buffer.from(Uint8Array.from({ length: EDGE * EDGE * 3 }, (_, at) => (at * at * 31) >> 3)), RAW);
  const RAW = { raw: { width: EDGE, height: EDGE, channels: 3 as const } };
  const pictures: Record<string, () => Promise<Buffer> | Buffer> = {
    png: () => noise().png().toBuffer(),
    jpeg: () => noise().jpeg().toBuffer(),
    webp: () => noise().webp().toBuffer(),
    gif: () => noise().gif().toBuffer(),
    avif: () => noise().avif({ effort: 0 }).toBuffer(),
    'tiff of strips': () => noise().tiff({ compression: 'lzw' }).toBuffer(),
    'tiff of tiles': () => noise().tiff({ compression: 'none', tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer(),
    'big tiff': () => noise().tiff({ compression: 'none', bigtiff: true }).toBuffer(),
    'tiff of an instrument': () => tiff(new Uint16Array(EDGE * EDGE), EDGE, EDGE),
    'tiff with its tags before its pixels': () => tagsFirst(tiff(new Uint16Array(EDGE * EDGE).fill(7), EDGE, EDGE)),
    'tiff with its tags far behind': () => tagsAt(tiff(new Uint16Array(EDGE * EDGE), EDGE, EDGE), 0x2b00_00),
    drawing: () => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${'<path d="M0 0"/>'.repeat(900)}</svg>\n`),
  };

  async function check(bytes: Buffer): Promise<boolean | null> {
    const path = join(folder, 'picture');
    writeFileSync(path, bytes);
    const handle = await open(path);
    return isWholePicture(handle, bytes.length).finally(() => handle.close());
  }

  it.each(Object.entries(pictures))('knows a whole %s from one that is being written, wherever the writer is', async (_kind, make) => {
    const whole = await make();
    expect(await check(whole)).toBe(true);
    for (const share of [0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99]) {
      expect([share, await check(whole.subarray(0, Math.floor(whole.length * share)))]).not.toEqual([share, true]);
    }
    expect(await check(whole.subarray(0, whole.length - 12))).not.toBe(true);
  });

  it('does not wait for what no format ends with', async () => {
    const png = await pictures.png();
    expect(await check(Buffer.concat([png, Buffer.from('\n\0\0')]))).toBe(true);
  });

  it('cannot tell of what is no picture', async () => {
    expect(await check(Buffer.from('label,area\n1,20\n'))).toBeNull();
    expect(await check(Buffer.alloc(5000))).toBeNull();
  });

  it('reads little of files that claim to hold much', async () => {
    const endless = Buffer.alloc(64);
    endless.write('II+\0\b\0\0\0', 0, 'latin1');
    endless.writeBigUInt64LE(16n, 8);
    endless.writeBigUInt64LE(2n ** 63n, 16);
    expect(await check(endless)).toBe(false);
    const boxes = Buffer.alloc(80_000, Buffer.from('\0\0\0\bfree', 'latin1'));
    boxes.write('\0\0\0\bftyp', 0, 'latin1');
    expect(await check(boxes)).toBe(false);
  });
});

/** With its directory at an offset that holds the number by which BigTIFF is known. */
function tagsAt(bytes: Buffer, offset: number): Buffer {
  const from = bytes.readUInt32LE(4);
  const directory = bytes.subarray(from, from + 2 + bytes.readUInt16LE(from) * 12 + 4);
  const moved = Buffer.concat([bytes, Buffer.alloc(offset - bytes.length), directory]);
  moved.writeUInt32LE(offset, 4);
  return moved;
}

/** As programs write that know beforehand how long everything is. */
function tagsFirst(bytes: Buffer): Buffer {
  const at = bytes.readUInt32LE(4);
  const tags = Buffer.from(bytes.subarray(at));
  const pixels = bytes.subarray(8, at);
  const head = Buffer.from(bytes.subarray(0, 8));
  head.writeUInt32LE(8, 4);
  for (let entry = 2; entry + 12 <= tags.length; entry += 12) {
    if (tags.readUInt16LE(entry) === 273) tags.writeUInt32LE(8 + tags.length, entry + 8);
  }
  return Buffer.concat([head, tags, pixels]);
}
