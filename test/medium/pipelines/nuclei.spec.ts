import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { readConfig } from '../../../src/common/config/app-config';
import { renderArguments } from '../../../src/common/pipelines/arguments';
import { checkParameters } from '../../../src/common/pipelines/parameters';
import { PipelineCatalogue } from '../../../src/common/pipelines/pipeline-catalogue';
import { tiff } from '../../tiff';

const PIPELINES = resolve(__dirname, '..', '..', '..', 'config', 'pipelines');
const FOLDER = join(PIPELINES, 'nuclei');

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

function node(script: string, ...words: string[]): Promise<Ended> {
  return new Promise((resolvePromise) => {
    execFile(process.execPath, [join(FOLDER, script), ...words], (error, stdout, stderr) => {
      resolvePromise({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const rowsOf = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(',').map(Number));

describe('the nuclei pipeline', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-nuclei-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const nuclei = (image: string, ...words: string[]) => node('nuclei.mjs', `--image=${image}`, `--out=${folder}`, ...words);
  const grey = (width: number, height: number, value: (x: number, y: number) => number) =>
    sharp(Buffer.from(Uint8Array.from({ length: width * height }, (_, at) => value(at % width, Math.floor(at / width)))), {
      raw: { width, height, channels: 1 },
    }).png();

  it('is a pipeline without faults, whose form gives its command line', async () => {
    const catalogue = new PipelineCatalogue(readConfig({ PIPELINES_DIR: PIPELINES }));
    expect(await catalogue.broken()).toEqual([]);
    const { manifest } = (await catalogue.find('nuclei'))!;
    const lookUp = () => Promise.resolve({ name: 'a.tif' });
    const checked = await checkParameters(manifest, { image: 'project:a.tif', split: 'false', edge: 'true', pixelSize: '0.50' }, lookUp);
    if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
    expect(await renderArguments(manifest, checked.values, { resolveFile: () => '/in/a.tif', outputFolder: '/out' })).toEqual([
      '--image=/in/a.tif',
      '--sigma=1.5',
      '--factor=0.9',
      '--min-area=40',
      '--max-area=0',
      '--no-split',
      '--background=100',
      '--channel=brightness',
      '--drop-edge',
      '--pixel-size=0.50',
      '--out=/out',
    ]);
  });

  it('finds the known number of nuclei in the sample, within a tenth, and tells how far it is', async () => {
    const image = join(folder, 'tissue.tif');
    for (const seed of ['7', '41']) {
      const made = await node('make-sample.mjs', image, seed);
      const known = Number(/^(\d+) nuclei/.exec(made.stdout)![1]);
      const { status, stdout } = await nuclei(image);
      expect(status).toBe(0);
      const cells = rowsOf(readFileSync(join(folder, 'cells.csv'), 'utf8'));
      expect(Math.abs(cells.length - known)).toBeLessThanOrEqual(known / 10);
      const pattern = /^\[ *(?<percent>\d+)%\] (?<text>.*)$/;
      const told = stdout.split('\n').flatMap((line) => pattern.exec(line)?.groups?.['percent'] ?? []);
      expect(told).toEqual(told.toSorted((one, other) => Number(one) - Number(other)));
      expect(told.at(-1)).toBe('100');
    }
  });

  it('draws the same sample for the same seed', async () => {
    const [one, two] = [join(folder, 'one.tif'), join(folder, 'two.tif')];
    await Promise.all([node('make-sample.mjs', one), node('make-sample.mjs', two)]);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    expect(await sharp(one).metadata()).toMatchObject({ width: 800, height: 600, depth: 'ushort', channels: 1 });
  });

  it('writes a mask, a table and pictures that agree', async () => {
    // Three discs, two of them touching, and a speck that is too small.
    const discs = [
      [30, 30, 12],
      [80, 40, 12],
      [102, 40, 12],
    ] as const;
    const isIn = (x: number, y: number) =>
      discs.some(([cx, cy, r]) => (x - cx) ** 2 + (y - cy) ** 2 <= r * r) || (y === 70 && x < 13 && x > 9);
    const image = join(folder, 'discs.png');
    await grey(140, 90, (x, y) => (isIn(x, y) ? 200 : 10)).toFile(image);
    expect((await nuclei(image, '--sigma=1', '--background=0', '--pixel-size=2')).status).toBe(0);
    const text = readFileSync(join(folder, 'cells.csv'), 'utf8');
    expect(text.split('\n')[0]).toBe('cell_id,x,y,area,diameter,elongation,mean_intensity,max_intensity,total_intensity,area_um2');
    const cells = rowsOf(text);
    expect(cells).toHaveLength(3);
    for (const [index, [cx, cy, r]] of discs.entries()) {
      const [id, x, y, area] = cells[index];
      expect([id, Math.round(x), Math.round(y)]).toEqual([index + 1, cx, cy]);
      expect(Math.abs(area - Math.PI * r * r)).toBeLessThan(60);
    }
    expect(cells[0][9]).toBeCloseTo(4 * cells[0][3], 5);
    const { data } = await sharp(join(folder, 'labels.tif'))
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true });
    const labels = new Uint16Array(data.buffer, data.byteOffset, 140 * 90);
    const areas = [1, 2, 3].map((label) => labels.filter((value) => value === label).length);
    expect(areas).toEqual(cells.map((cell) => cell[3]));
    expect(labels[30 * 140 + 30]).toBe(1);
    expect(await sharp(join(folder, 'outlines.png')).metadata()).toMatchObject({ width: 140, height: 90, channels: 3 });
    expect((await sharp(join(folder, 'areas.png')).metadata()).width).toBe(900);
  });

  it('does not part what touches when it is told not to, and drops what the edge cuts', async () => {
    const image = join(folder, 'pair.png');
    await grey(90, 60, (x, y) => ((x - 30) ** 2 + (y - 30) ** 2 < 144 || (x - 52) ** 2 + (y - 30) ** 2 < 144 || x > 76 ? 200 : 10)).toFile(
      image,
    );
    const count = async (...words: string[]) => {
      await nuclei(image, '--background=0', ...words);
      return rowsOf(readFileSync(join(folder, 'cells.csv'), 'utf8')).length;
    };
    expect(await count()).toBe(3);
    expect(await count('--no-split')).toBe(2);
    expect(await count('--drop-edge')).toBe(2);
    expect(await count('--max-area=600')).toBe(2);
    expect(await count('--min-area=600')).toBe(1);
  });

  it('keeps the range of 16 bits: 12-bit cameras fill a sixteenth of it', async () => {
    const image = join(folder, 'twelve.tif');
    const pixels = Uint16Array.from({ length: 100 * 100 }, (_, at) =>
      ((at % 100) - 50) ** 2 + (Math.floor(at / 100) - 50) ** 2 < 200 ? 1200 : 400,
    );
    writeFileSync(image, tiff(pixels, 100, 100));
    expect((await nuclei(image)).status).toBe(0);
    const [cell] = rowsOf(readFileSync(join(folder, 'cells.csv'), 'utf8'));
    expect(cell[7]).toBe(1200);
  });

  it.each([
    ['a text', () => Buffer.from('not an image'), 'not an image that can be read'],
    ['nothing', () => Buffer.alloc(0), 'not an image that can be read'],
    ['an image of one value', () => grey(60, 60, () => 90).toBuffer(), 'no nuclei were found'],
    ['a black image', () => grey(60, 60, () => 0).toBuffer(), 'no nuclei were found'],
    ['half a file', async () => (await grey(300, 300, (x, y) => (x * y) % 251).toBuffer()).subarray(0, 20_000), 'damaged or incomplete'],
    [
      'an image that is too large',
      () =>
        sharp({ create: { width: 10_001, height: 10_000, channels: 3, background: '#000' } })
          .png()
          .toBuffer(),
      'too large: 10001 × 10000',
    ],
  ])('ends on %s with one line and a status', async (_what, make, sentence) => {
    const image = join(folder, 'bad.png');
    writeFileSync(image, await make());
    const { status, stderr } = await nuclei(image);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(sentence)]);
    expect(existsSync(join(folder, 'cells.csv'))).toBe(false);
  });

  const images = process.env['TEST_IMAGES'];
  const withImages = images ? it : it.skip;

  withImages('finds about as many nuclei in real tissue as eyes do, and one in a picture of one cell', async () => {
    expect((await nuclei(join(images!, 'pipex-pair', 'DAPI.jpg'))).status).toBe(0);
    const count = rowsOf(readFileSync(join(folder, 'cells.csv'), 'utf8')).length;
    expect(count).toBeGreaterThan(285);
    expect(count).toBeLessThan(400);
    for (const cell of [0, 1, 2]) {
      const image = join(images!, 'hpa-cells', `cell_${cell}.tiff`);
      expect((await nuclei(image, '--channel=2', '--min-area=1000', '--sigma=4', '--distance=40')).status).toBe(0);
      expect(rowsOf(readFileSync(join(folder, 'cells.csv'), 'utf8'))).toHaveLength(1);
    }
  });
});
