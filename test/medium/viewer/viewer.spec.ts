import { readdirSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { TILE } from '../../../src/browser/viewer/pyramid';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import type { ViewRule } from '../../../src/common/pipelines/views/view-rules';
import { tiff } from '../../tiff';
import { until } from '../../until';
import { ShowStage, wordsOf } from '../show/show-stage';

const WIDTH = 2200;
const HEIGHT = 1300;
/** A cell of 50 pixels square each, numbered beyond 16 bits, with a gap between. */
const labelAt = (x: number, y: number) => (x % 50 < 2 || y % 50 < 2 ? 0 : 70_000 + Math.floor(x / 50) + 60 * Math.floor(y / 50));
const brightAt = (x: number, y: number) => 1000 + (x % 500) + (y % 300);

function image<Kind extends Uint16Array | Uint32Array>(
  kind: new (length: number) => Kind,
  value: (x: number, y: number) => number,
): Buffer {
  const pixels = new kind(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) pixels[y * WIDTH + x] = value(x, y);
  return tiff(pixels, WIDTH, HEIGHT);
}

const layer = { as: 'image', opacity: 1, visible: true } as const;
const VIEWS: ViewRule[] = [
  {
    title: 'Cells',
    kind: 'layers',
    caption: 'Look here first.',
    pixelSize: { parameter: 'size' },
    layers: [
      { ...layer, parameter: 'image', title: 'Raw' },
      { ...layer, glob: 'mask.tif', title: 'Cell', as: 'labels', opacity: 0.5, table: 'cells.csv', key: 'cell_id' },
      { ...layer, glob: '*.geojson', title: 'Shapes', as: 'shapes', key: 'label' },
      { ...layer, glob: 'small.png', title: 'Of another size' },
    ],
  },
  { title: 'Field {*}', kind: 'layers', each: 'fields/*_mask.png', layers: [{ ...layer, glob: 'fields/{*}_mask.png', as: 'outlines' }] },
];
const PARAMETERS = [
  { name: 'image', type: 'file', label: 'Image' },
  { name: 'size', type: 'number', label: 'Size' },
  { name: 'note', type: 'string', label: 'Note' },
] as unknown as Manifest['parameters'];
const SQUARE = [
  [100, 100],
  [150, 100],
  [150, 150],
  [100, 150],
  [100, 100],
];
const SHAPES = JSON.stringify({ type: 'Feature', properties: { label: 42 }, geometry: { type: 'Polygon', coordinates: [SQUARE] } });

describe('the viewer of images', () => {
  let stage: ShowStage;
  let id: number;
  const get = (path: string) => stage.owner.get(`/runs/${id}/${path}`);
  const dataOf = (page: string) =>
    JSON.parse(/id="viewer-data">([^<]*)</.exec(page)?.[1] ?? 'null') as {
      layers: Record<string, unknown>[];
      missing: string[];
      pixelSize: number;
    };
  const tile = async (place: string) => {
    const { status, body, type } = await stage.bytes(`/runs/${id}/tiles/values/${place}`);
    return { status, type, body };
  };

  beforeAll(async () => {
    stage = await ShowStage.open({ MAX_VIEWS: '120 MB' });
    const field = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    id = await stage.ended(
      {
        'mask.tif': image(Uint32Array, labelAt),
        'cells.csv': `cell_id,area\n${Array.from({ length: 100 }, (_, index) => `${70_000 + index},${index * 2}`).join('\n')}\n`,
        'a.geojson': SHAPES,
        'small.png': field,
        'fields/A 1_mask.png': field,
        'fields/B_mask.png': field,
        'torn.tif': image(Uint16Array, brightAt).subarray(0, 4000),
        'report.html': '<script>alert(1)</script>',
      },
      {},
      {
        manifest: { views: VIEWS, parameters: PARAMETERS, outputs: [] },
        parameters: { image: 'project:raw.tif', size: '0.5', note: 'project:raw.tif' },
      },
    );
    const project = stage.resultPath(id, '../..');
    await mkdir(project, { recursive: true });
    writeFileSync(join(project, 'raw.tif'), image(Uint16Array, brightAt));
    writeFileSync(join(project, 'secret.tif'), SHAPES);
  }, 60_000);
  afterAll(() => stage.close());

  it('lays the files of a view over each other', async () => {
    const { status, body } = await get('viewer?view=0');
    expect(status).toBe(200);
    expect(wordsOf(body)).toContain('Look here first.');
    const { layers, missing, pixelSize } = dataOf(body);
    expect(pixelSize).toBe(0.5);
    expect(layers).toMatchObject([
      { title: 'Raw', kind: 'light', source: 'inputs/image/0', visible: true },
      { title: 'Cell', kind: 'labels', source: 'results/mask.tif', opacity: 0.5, table: 'cells.csv', key: 'cell_id', colour: '' },
      { title: 'Shapes', kind: 'shapes', source: 'results/a.geojson' },
    ]);
    expect(missing).toEqual(['Of another size']);
    expect(body).toContain(`/runs/${id}/tiles/picture?view&#x3D;0`);
  });

  it('makes a view for each file that matches', async () => {
    const { body } = await get('viewer?view=1&of=A+1');
    expect(wordsOf(body)).toContain('Field A 1');
    expect((await get('viewer?view=1&of=C')).status).toBe(404);
    expect((await get('viewer?view=1')).status).toBe(404);
    expect((await get('viewer?view=7')).status).toBe(404);
    expect((await get('viewer')).status).toBe(404);
  });

  it('is led to from the page of the run, by a picture of each view and from each image', async () => {
    const page = await stage.page(id);
    expect(page).toContain(`href="/runs/${id}/viewer?view&#x3D;0"`);
    expect(page).toContain(`href="/runs/${id}/viewer?of&#x3D;A+1&amp;view&#x3D;1"`);
    expect(page).toContain(`href="/runs/${id}/viewer/mask.tif"`);
    expect(page).not.toContain('viewer/report.html');
    const picture = await stage.bytes(`/runs/${id}/tiles/picture?view=0`);
    expect(picture.type).toBe('image/webp');
    const { width, height } = await sharp(picture.body).metadata();
    expect([width, height]).toEqual([WIDTH / 2, HEIGHT / 2]);
    const { data, info } = await sharp(picture.body).raw().toBuffer({ resolveWithObject: true });
    const dark = data.readUIntBE((25 * info.width + 60) * 3, 3);
    const outline = data.readUIntBE((50 * info.width + 60) * 3, 3);
    expect(outline).not.toBe(dark);
  });

  it('leads to the picture before and after, in the order of the page of the run', async () => {
    const around = (body: string) =>
      [...body.matchAll(/<a href="([^"]*)" rel="(prev|next)" aria-label="([^"]*)"/g)].map((match) => match.slice(1));
    const of = (body: string) => Object.fromEntries(around(body).map(([href, rel, name]) => [rel, `${name} ${href}`]));
    const pictures = [...(await stage.page(id)).matchAll(/href="\/runs\/\d+\/viewer\/([^"]*)"/g)].map(([, path]) => path);
    const order = [...new Set(pictures)];
    expect(order.length).toBeGreaterThan(3);
    for (const [place, path] of order.entries()) {
      const hrefs = Object.fromEntries(around((await get(`viewer/${path}`)).body).map(([href, rel]) => [rel, href.split('/viewer/')[1]]));
      expect(hrefs).toEqual({ ...(place > 0 && { prev: order[place - 1] }), ...(order[place + 1] && { next: order[place + 1] }) });
    }
    expect(of((await get('viewer?view=1&of=A+1')).body)).toEqual({
      prev: `Previous image: Cells /runs/${id}/viewer?view&#x3D;0`,
      next: `Next image: Field B /runs/${id}/viewer?view&#x3D;1&amp;of&#x3D;B`,
    });
  });

  it('gives masks exactly, at once from a first look, and at every level', async () => {
    const first = await stage.bytes(`/runs/${id}/tiles/facts/results/mask.tif?page=0&labels=1`);
    expect(JSON.parse(first.body.toString())).toMatchObject({ width: WIDTH, height: HEIGHT, type: 'uint32' });
    await until(() => readdirSync(stage.controlPath(id, 'views')).length > 0, 5000);
    const whole = await tile('results/mask.tif?page=0&labels=1&level=0&x=4&y=2');
    expect([whole.status, whole.body.length]).toEqual([200, TILE * TILE * 4]);
    const values = new Uint32Array(whole.body.buffer, whole.body.byteOffset, TILE * TILE);
    for (const [x, y] of [
      [0, 0],
      [13, 17],
      [150, 270],
      [39, 3],
    ])
      expect(values[y * TILE + x]).toBe(labelAt(4 * TILE + x, 2 * TILE + y));
    const far = await tile('results/mask.tif?page=0&labels=1&level=2&x=1&y=0');
    const known = new Set([0, ...Array.from({ length: 60 * 42 }, (_, index) => 70_000 + index)]);
    for (const value of new Uint32Array(far.body.buffer, far.body.byteOffset, 600)) expect(known.has(value)).toBe(true);
  });

  it('says what is a first look, and lets browsers keep what is not', async () => {
    const last = async () => (await stage.owner.get(`/runs/${id}/tiles/values/inputs/image/0?page=0&level=2&x=0&y=0`)).headers;
    expect(await last()).toMatchObject({ 'tile-draft': 'yes', 'cache-control': 'no-store' });
    await until(async () => (await last())['tile-draft'] === 'no', 20_000);
    expect((await last())['cache-control']).toMatch(/^private, max-age=\d{6,}, immutable$/);
    // For whoever is logged in alone: the next one on that browser has another cookie.
    expect((await last())['vary']).toContain('Cookie');
  });

  it.each([
    ['a tile beyond the image', 'values/results/mask.tif?page=0&labels=1&level=0&x=6&y=0', 404],
    ['a level that is none', 'values/results/mask.tif?page=0&labels=1&level=9&x=0&y=0', 404],
    ['a level below the first', 'values/results/mask.tif?page=0&level=-1&x=0&y=0', 422],
    ['a place that is no number', 'values/results/mask.tif?page=0&level=0&x=1e3&y=0', 422],
    ['a place given twice', 'values/results/mask.tif?page=0&level=0&x=1&x=2&y=0', 422],
    ['a page that is none', 'values/results/mask.tif?page=7&level=0&x=0&y=0', 404],
    ['a file that is none', 'values/results/none.tif?page=0&level=0&x=0&y=0', 404],
    ['a file above the results', 'values/results/..%2f..%2fsecret.tif?page=0&level=0&x=0&y=0', 422],
    ['a file of the project that the run was not given', 'values/inputs/image/1?page=0&level=0&x=0&y=0', 404],
    ['a text parameter that looks like a file', 'values/inputs/note/0?page=0&level=0&x=0&y=0', 404],
    ['a parameter of every object', 'values/inputs/constructor/0?page=0&level=0&x=0&y=0', 404],
    ['another answer than there is', 'secrets/results/mask.tif', 404],
    ['a page of values that is a text', 'values/results/cells.csv?page=0&level=0&x=0&y=0', 404],
    ['shapes of an image', 'lines/results/mask.tif?level=0&x=0&y=0', 404],
  ])('refuses %s', async (_what, path, status) => expect((await get(`tiles/${path}`)).status).toBe(status));

  it('finds the row of a cell, and the shape at a point', async () => {
    const row = await get('tiles/row/cells.csv?key=cell_id&value=70012');
    expect(JSON.parse(row.body)).toEqual({
      row: 13,
      cells: [
        { name: 'cell_id', value: '70012' },
        { name: 'area', value: '24' },
      ],
    });
    expect(JSON.parse((await get('tiles/row/cells.csv?key=cell_id&value=5')).body)).toBeNull();
    expect(JSON.parse((await get('tiles/row/cells.csv?key=none&value=5')).body)).toBeNull();
    expect((await get('tiles/row/none.csv?key=cell_id&value=5')).status).toBe(404);
    expect(JSON.parse((await get('tiles/shape/results/a.geojson?key=label&x=120&y=120')).body)).toMatchObject({ label: '42' });
    expect(JSON.parse((await get('tiles/shape/results/a.geojson?key=label&x=90&y=120')).body)).toBeNull();
    const lines = await stage.bytes(`/runs/${id}/tiles/lines/results/a.geojson?key=label&level=0&x=0&y=0`);
    expect([...new Int16Array(lines.body.buffer, lines.body.byteOffset, 5)]).toEqual([5, 1600, 1600, 2400, 1600]);
  });

  it('leads from the rows of a table to their cells, and knows where these are', async () => {
    const page = (await get('table/cells.csv')).body;
    expect(page).toContain(`href="/runs/${id}/viewer?view&#x3D;0#cell&#x3D;70012" title="Show it in the image"`);
    const place = async (label: number) => {
      const asked = () => get(`tiles/place/results/mask.tif?page=0&labels=1&label=${label}`);
      await until(async () => (await asked()).status === 200, 20_000);
      return JSON.parse((await asked()).body) as Record<string, number> | null;
    };
    // The cell in column 12 of row 3 of cells of 50 pixels.
    const found = await place(70_000 + 12 + 60 * 3);
    expect(found!['x']).toBeCloseTo(12 * 50 + 26, -1);
    expect(found!['y']).toBeCloseTo(3 * 50 + 26, -1);
    expect(found!['width']).toBeGreaterThan(40);
    expect(await place(5)).toBeNull();
    for (const wrong of ['0', '-1', 'x', '1.5']) expect((await get(`tiles/place/results/mask.tif?page=0&label=${wrong}`)).status).toBe(422);
  });

  it('says that it cannot tell yet where an object is that a first look passes over, and then where', async () => {
    const specks: [x: number, y: number][] = [
      [500, 300],
      [601, 300],
      [700, 301],
      [1801, 1201],
    ];
    const at = (x: number, y: number) => specks.findIndex(([left, top]) => left === x && top === y) + 1;
    writeFileSync(
      stage.resultPath(id, 'specks_mask.tif'),
      image(Uint16Array, (x, y) => at(x, y)),
    );
    const ask = (label: number) => get(`tiles/place/results/specks_mask.tif?page=0&label=${label}`);
    const first = await ask(9);
    expect([first.status, first.headers['retry-after']]).toEqual([503, '1']);
    await until(async () => (await ask(9)).status === 200, 20_000);
    expect((await ask(9)).body).toBe('null');
    const places = await Promise.all([1, 2, 3, 4].map(async (label) => JSON.parse((await ask(label)).body) as { x: number; y: number }));
    places.forEach(({ x, y }, index) => {
      expect(Math.abs(x - specks[index][0])).toBeLessThanOrEqual(1);
      expect(Math.abs(y - specks[index][1])).toBeLessThanOrEqual(1);
    });
    expect((await get('tiles/place/results/torn.tif?page=0&label=1')).status).toBe(404);
  });

  it('lays the pictures of a table for EllViewer over each other', async () => {
    const grey = await sharp(Buffer.from(Uint8Array.from({ length: 600 }, (_, at) => at % 200)), {
      raw: { width: 30, height: 20, channels: 1 },
    })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const list =
      'uri,name,clip,transparency,color,default\nred.png,Tubules,,1.0,#ff0000,visible\nfov.png,Field,auto,no,no,yes\nhttps://evil.test/x.png,E,,,,visible\ngone.png,<b>Gone,,,,visible\n';
    await stage.writeResult(id, 'ell/images/red.png', grey);
    await stage.writeResult(id, 'ell/fov.png', readFileSync(stage.resultPath(id, 'small.png')));
    await stage.writeResult(id, 'ell/fov.csv', list);
    const { status, body } = await get('viewer/ell/fov.csv');
    expect(status).toBe(200);
    expect(dataOf(body)).toMatchObject({
      layers: [
        { title: 'Tubules', kind: 'light', colour: '#ff0000', range: [0, 255], visible: true, source: 'results/ell/images/red.png' },
        { title: 'Field', kind: 'colour', colour: '', visible: false, source: 'results/ell/fov.png' },
      ],
      missing: ['Gone'],
    });
    expect((await stage.bytes(`/runs/${id}/tiles/picture/ell/fov.csv`)).type).toBe('image/webp');
    expect(await stage.page(id)).toContain(`href="/runs/${id}/viewer/ell/fov.csv"`);
    expect((await get('viewer/cells.csv')).status).toBe(404);
    // Beside more files than are listed, its pictures are found all the same.
    const many = Array.from({ length: 1500 }, (_, index) => stage.resultPath(id, `ell/images/0 ${index}.txt`));
    for (const path of many) writeFileSync(path, '');
    const { layers: found, missing } = dataOf((await get('viewer/ell/fov.csv')).body);
    for (const path of many) unlinkSync(path);
    expect(found.map(({ source }) => source)).toEqual(['results/ell/images/red.png', 'results/ell/fov.png']);
    expect(missing).toEqual(['Gone']);
  });

  it('sees by its values that an image is a mask', async () => {
    const pixels = Uint16Array.from({ length: 6000 }, (_, index) => (index % 10 < 2 ? 0 : 1 + Math.floor((index % 100) / 10)));
    writeFileSync(stage.resultPath(id, 'found.tif'), tiff(pixels, 100, 60));
    expect(dataOf((await get('viewer/found.tif')).body).layers).toMatchObject([{ kind: 'labels', colour: '' }]);
    expect(dataOf((await get('viewer/fields/A%201_mask.png')).body).layers).toMatchObject([{ kind: 'colour' }]);
  });

  it('sees a mask in red, green and blue that are alike, whose objects can be picked, and leaves a grey photograph what it is', async () => {
    const write = async (name: string, value: (index: number) => number) => {
      const bytes = Buffer.alloc(100 * 60 * 3);
      for (let index = 0; index < 6000; index++) bytes.fill(value(index), index * 3, index * 3 + 3);
      const png = sharp(bytes, { raw: { width: 100, height: 60, channels: 3 } }).png();
      writeFileSync(stage.resultPath(id, name), await png.toBuffer());
    };
    await write('rgb.png', (index) => (index % 10 < 2 ? 0 : 1 + Math.floor((index % 100) / 10)));
    await write('rgb_mask.png', (index) => (index % 100 < 50 ? 0 : 255));
    await write('grey_mask.png', (index) => (index * 7919) % 251);
    expect(dataOf((await get('viewer/rgb.png')).body).layers).toMatchObject([{ kind: 'labels' }]);
    expect(dataOf((await get('viewer/rgb_mask.png')).body).layers).toMatchObject([{ kind: 'labels' }]);
    expect(dataOf((await get('viewer/grey_mask.png')).body).layers).toMatchObject([{ kind: 'colour' }]);
    const asked = () => get('tiles/place/results/rgb.png?page=0&labels=1&label=3');
    await until(async () => (await asked()).status === 200, 20_000);
    expect(JSON.parse((await asked()).body)).toMatchObject({ x: 26, width: 8, height: 60 });
  });

  it('says so where an image cannot be shown, and keeps only what it can open', async () => {
    const torn = await get('viewer/torn.tif');
    expect(torn.status).toBe(200);
    expect(wordsOf(torn.body)).toContain('This image ends early');
    expect(wordsOf((await get('viewer/found.tif')).body)).not.toContain('This image ends early');
    writeFileSync(stage.resultPath(id, 'text.tif'), 'just text');
    const { status, body } = await get('viewer/text.tif');
    expect(status).toBe(200);
    expect(wordsOf(body)).toContain('This image cannot be shown.');
    expect((await stage.bytes(`/runs/${id}/tiles/picture/text.tif`)).type).toContain('image/svg+xml');
    for (const path of ['report.html', 'none.tif', '..%2fsecret.tif'])
      expect((await get(`viewer/${path}`)).status).toBeGreaterThanOrEqual(400);
  });

  it('forgets what was made of a file that changed', async () => {
    const path = stage.resultPath(id, 'changing.tif');
    const write = (value: number) =>
      writeFileSync(
        path,
        tiff(
          Uint16Array.from({ length: 600 }, () => value),
          30,
          20,
        ),
      );
    const valueOf = async () => (await tile('results/changing.tif?page=0&level=0&x=0&y=0')).body.readUInt16LE(0);
    write(5);
    expect(await valueOf()).toBe(5);
    const before = readdirSync(stage.controlPath(id, 'views')).length;
    write(9);
    utimesSync(path, 2_000_000_000, 2_000_000_000);
    expect(await valueOf()).toBe(9);
    expect(readdirSync(stage.controlPath(id, 'views')).length).toBe(before);
    unlinkSync(path);
  });

  it('serves twenty viewers at once with a bounded number of processes, and holds what it makes within its limit', async () => {
    const bytes = image(Uint16Array, brightAt);
    for (let index = 0; index < 20; index++) writeFileSync(stage.resultPath(id, `many ${index}.tif`), bytes);
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, childCount())), 20);
    const memory = process.memoryUsage().rss;
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => tile(`results/many%20${index}.tif?page=0&level=1&x=0&y=0`)));
    clearInterval(watch);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(3);
    expect(process.memoryUsage().rss - memory).toBeLessThan(250_000_000);
    const views = stage.controlPath(id, 'views');
    const sizes = readdirSync(views)
      .filter((name) => name.startsWith('tiles-'))
      .map((name) => statSync(join(views, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000_000);
  });
});

/** Programs of tiles that this process has started and that still run. */
function childCount(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return children.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('tile-program');
    } catch {
      return false;
    }
  }).length;
}
