import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { readSiteIcon } from './site-icon';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>';

describe('readSiteIcon', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'site-icon-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileWith = (body: string | Buffer): string => {
    const file = join(folder, 'sign');
    writeFileSync(file, body);
    return file;
  };
  const png = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();

  it('has none where none is set', () => expect(readSiteIcon(undefined)).toBeNull());

  it.each(['', '\uFEFF', '<?xml version="1.0"?>\n<!-- a > b -->\n<!DOCTYPE svg>\n'])('knows an SVG by its head (%p before it)', (head) => {
    expect(readSiteIcon(fileWith(head + SVG))).toMatchObject({
      type: 'image/svg+xml',
      sizes: 'any',
      path: expect.stringMatching(/^\/site-icon\/[0-9a-f]{10}$/),
    });
  });

  it('knows a square PNG, and its size', async () => {
    expect(readSiteIcon(fileWith(await png(192, 192)))).toMatchObject({ type: 'image/png', sizes: '192x192' });
  });

  it('has another address when its content is another', async () => {
    const first = readSiteIcon(fileWith(SVG))!.path;
    expect(readSiteIcon(fileWith(`${SVG}\n`))!.path).not.toBe(first);
  });

  it('refuses what it cannot show, by the name of the setting', async () => {
    expect(() => readSiteIcon(join(folder, 'none'))).toThrow(/^SITE_ICON: .*none cannot be read \(ENOENT\)/);
    for (const body of ['<html><svg></svg></html>', 'GIF89a', await png(20, 10)])
      expect(() => readSiteIcon(fileWith(body))).toThrow('is neither an SVG nor a square PNG');
    expect(() => readSiteIcon(fileWith(SVG + ' '.repeat(1_000_000)))).toThrow('has more than 1 MB');
  });
});
