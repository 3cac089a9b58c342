import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { TILE } from '../../../src/browser/viewer/pyramid';
import { ShareLinks } from '../../../src/web/shares/share-links';
import { tiff } from '../../tiff';
import { until } from '../../until';
import { ShowStage, wordsOf } from '../show/show-stage';

const [WIDTH, HEIGHT] = [2200, 600];
const brightAt = (x: number, y: number) => 1000 + (x % 500) + (y % 300);

/** Images that people brought, before any run has read them. */
describe('the viewer of images of a project', () => {
  let stage: ShowStage;
  let base: string;
  const folder = (name = '') => join(stage.web.database.config.filesRoot, stage.project.ownerId, stage.project.id, name);
  const get = (path: string) => stage.owner.get(`${base}/${path}`);
  const VALUES = 'tiles/values/files/slides/one%20%231.tif?page=0&level=0&x=1&y=1';

  beforeAll(async () => {
    stage = await ShowStage.open();
    base = `/projects/${stage.project.id}`;
    const pixels = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, index) => brightAt(index % WIDTH, Math.floor(index / WIDTH)));
    mkdirSync(folder('slides'));
    writeFileSync(folder('slides/one #1.tif'), tiff(pixels, WIDTH, HEIGHT));
    writeFileSync(folder('notes.txt'), 'text');
    writeFileSync(folder('broken.tif'), 'text');
    for (const name of ['a.png', 'b.txt', 'c.tif']) {
      mkdirSync(folder('mixed'), { recursive: true });
      writeFileSync(folder(`mixed/${name}`), 'text');
    }
    writeFileSync(folder('cut.tif'), tiff(pixels, WIDTH, HEIGHT).subarray(0, 200));
  }, 30_000);
  afterAll(() => stage.close());

  it('is led to from the list of files and from the page of an image', async () => {
    const href = `href="${base}/viewer/slides/one%20%231.tif"`;
    expect((await stage.owner.get(`${base}?path=slides`)).body).toContain(href);
    const page = (await get('view/slides/one%20%231.tif')).body;
    expect(page.split(href)).toHaveLength(3);
    expect((await get('view/notes.txt')).body).not.toContain('/viewer/');
  });

  it('shows an image with its way back, and its values exactly', async () => {
    const { status, body } = await get('viewer/slides/one%20%231.tif');
    expect(status).toBe(200);
    expect(wordsOf(body)).toContain('slides/one #1.tif');
    expect(body).toContain(`href="${base}/view/slides/one%20%231.tif"`);
    expect(body).toContain(`data-tiles="${base}/tiles"`);
    const data = JSON.parse(/id="viewer-data">([^<]*)</.exec(body)![1]) as { layers: object[] };
    expect(data.layers).toMatchObject([{ kind: 'light', source: 'files/slides/one #1.tif', table: '' }]);
    const tile = await stage.bytes(`${base}/${VALUES}`);
    expect([tile.status, tile.body.length]).toEqual([200, TILE * TILE * 2]);
    expect(tile.body.readUInt16LE((7 * TILE + 3) * 2)).toBe(brightAt(TILE + 3, TILE + 7));
    const picture = await stage.bytes(`${base}/tiles/picture/slides/one%20%231.tif`);
    expect((await sharp(picture.body).metadata()).width).toBe(WIDTH / 2);
  });

  it('keeps what it makes in the cache, where the cleaner finds it, and nothing among the files', async () => {
    await until(async () => (await get(VALUES)).headers['tile-draft'] === 'no', 10_000);
    const kept = readdirSync(join(stage.web.database.config.cacheRoot, 'tiles', stage.project.id));
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(kept.every((name) => name.startsWith('tiles-'))).toBe(true);
    expect(readdirSync(folder('slides'))).toEqual(['one #1.tif']);
  });

  it('says so where there is nothing to be seen, and finds no other files', async () => {
    expect(wordsOf((await get('viewer/broken.tif')).body)).toContain('This image cannot be shown.');
    expect((await get('viewer/notes.txt')).status).toBe(404);
    expect((await get('viewer/none.tif')).status).toBe(404);
    expect((await get('viewer/..%2f..%2fsecret.tif')).status).toBe(422);
    for (const path of ['values/files/notes.txt', 'values/files/none.tif'])
      expect((await get(`tiles/${path}?page=0&level=0&x=0&y=0`)).status).toBe(404);
    expect((await get('tiles/values/inputs/image/0?page=0&level=0&x=0&y=0')).status).toBe(404);
  });

  it('says on the page of a damaged image why it is not shown, and leads nowhere from there', async () => {
    const [other, cut] = [(await get('view/broken.tif')).body, (await get('view/cut.tif')).body];
    expect(wordsOf(other)).toMatch(
      /This image cannot be shown Its name ends as that of a TIF image, but what is in the file \(4 bytes\) is no image/,
    );
    expect(wordsOf(cut)).toMatch(/The file \(200 bytes\) ends before the image does, or is damaged: a part of it is missing\. Download it/);
    for (const body of [other, cut]) expect(body).not.toMatch(/\/viewer\/|class="view-picture"/);
  });

  it('leads to the images around in their folder, past other files', async () => {
    const { body } = await get('viewer/mixed/a.png');
    expect(body).toContain(`<a href="${base}/viewer/mixed/c.tif" rel="next" aria-label="Next image: c.tif"`);
    expect(body).not.toContain('rel="prev"');
    expect((await get('viewer/slides/one%20%231.tif')).body).not.toContain('rel="next"');
  });

  it('opens for whoever has a link to the project, and says how long', async () => {
    const links = stage.web.app.get(ShareLinks, { strict: false });
    const { secret } = await links.make({ projectId: stage.project.id, runId: null, note: '', days: '1' });
    const visitor = stage.web.browser();
    await visitor.get(`/shared/${secret}`);
    const list = await visitor.get(`${base}/shared?path=slides`);
    expect(list.body).toContain(`href="${base}/viewer/slides/one%20%231.tif"`);
    const page = await visitor.get(`${base}/viewer/slides/one%20%231.tif`);
    expect(page.status).toBe(200);
    expect(page.body).toContain(`href="${base}/shared"`);
    expect(page.body).not.toContain(`href="${base}/view/`);
    expect((await visitor.get(`${base}/${VALUES}`)).status).toBe(200);
    expect((await stage.web.browser().get(`${base}/${VALUES}`)).status).not.toBe(200);
  });
});
