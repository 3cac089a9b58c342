import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { ProjectPictures } from '../../../src/common/files/project-pictures';
import type { Project } from '../../../src/common/projects/project.entity';
import { createProject } from '../../project-steps';
import { tiff, type Pixels } from '../../tiff';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

describe('browsing files', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let folder: string;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Browsing ${(count += 1)}`);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
  });

  const file = (name: string, content: string | Buffer = name, atSeconds = 1_700_000_000) => {
    writeFileSync(join(folder, name), content);
    utimesSync(join(folder, name), atSeconds, atSeconds);
  };
  /** Templates write `=` in attributes as an entity. */
  const get = async (path = '') => {
    const answer = await browser.get(path.startsWith('/projects/') ? path : `/projects/${project.id}${path}`);
    return { ...answer, body: answer.body.replaceAll('&#x3D;', '=') };
  };
  const names = ({ body }: TestAnswer) => [...body.matchAll(/data-entry="[^"]*" data-name="([^"]*)"/g)].map(([, name]) => name);
  const text = (answer: TestAnswer) =>
    mainOf(answer)
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');

  describe('a folder', () => {
    it('is sorted by what the address says, and its heads lead to the other orders', async () => {
      file('b.txt', 'xxx', 1_700_000_003);
      file('a.txt', 'xx', 1_700_000_001);
      file('c.txt', 'x', 1_700_000_002);
      mkdirSync(join(folder, 'sub'));
      expect(names(await get())).toEqual(['sub', 'a.txt', 'b.txt', 'c.txt']);
      expect(names(await get('?order=desc'))).toEqual(['sub', 'c.txt', 'b.txt', 'a.txt']);
      expect(names(await get('?sort=size&order=desc'))).toEqual(['sub', 'b.txt', 'a.txt', 'c.txt']);
      const byDate = await get('?sort=date');
      expect(names(byDate)).toEqual(['sub', 'a.txt', 'c.txt', 'b.txt']);
      expect(byDate.body).toMatch(/<th[^>]*aria-sort="ascending"><a href="[^"]*sort=date&amp;order=desc"/);
      expect(byDate.body.match(/aria-sort/g)).toHaveLength(1);
      for (const odd of ['?sort=x', '?sort=size&sort=date', '?order[]=desc', '?page=99', '?page=-1', '?filter[]=a']) {
        expect([odd, names(await get(odd)).length]).toEqual([odd, 4]);
      }
    });

    it('is filtered by part of the name, and says how many there are', async () => {
      for (const name of ['DAPI 1.tif', 'dapi 2.tif', 'CD8.tif']) file(name);
      const some = await get('?filter=dapi');
      expect([names(some), text(some).includes('2 of 3 entries')]).toEqual([['DAPI 1.tif', 'dapi 2.tif'], true]);
      expect(some.body).toContain('name="filter" value="dapi"');
      expect(text(await get('?filter=%3Cb%3E'))).toContain('No name here contains “&lt;b&gt;”.');
      expect(text(await get())).toContain('3 entries');
    });

    it('keeps order, filter and place over its pages, and each entry is on one of them', async () => {
      for (let number = 0; number < 450; number += 1) writeFileSync(join(folder, `cell ${number}.txt`), '');
      file('other.csv');
      const first = await get('?sort=date&order=desc&filter=cell');
      expect([names(first).length, text(first).includes('Page 1 of 5')]).toEqual([100, true]);
      const seen = new Set(names(first));
      let next = /rel="next" href="([^"]*)"/.exec(first.body)?.[1];
      while (next !== undefined) {
        expect(next).toContain('sort=date&amp;order=desc&amp;filter=cell');
        const page = await get(next.replaceAll('&amp;', '&'));
        for (const name of names(page)) seen.add(name);
        next = /rel="next" href="([^"]*)"/.exec(page.body)?.[1];
      }
      expect(seen.size).toBe(450);
      expect(names(await get('?page=5')).length).toBe(51);
      expect(names(await get('?page=77')).length).toBe(51);
    });

    it('shows links and special names, and opens neither links nor what is not there', async () => {
      symlinkSync('/etc/passwd', join(folder, 'link'));
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x3c, 0x62, 0x3e, 0x0a])]), 'x');
      const page = await get();
      expect(page.body).toContain('&lt;b&gt;\ufffd');
      expect(page.body).not.toContain('<b>');
      expect(page.body).not.toMatch(/href="[^"]*view\/link"/);
      for (const path of ['/view/link', '/thumbnails/link', '/documents/link', '?path=link', '/view/none.txt']) {
        expect([path, (await get(path)).status]).toEqual([path, 404]);
      }
    });

    it('counts what is in the project, and tells the pipelines what is there', async () => {
      mkdirSync(join(folder, 'sub'));
      file('a.tif', 'x'.repeat(1000));
      file('sub/b.tif', 'x'.repeat(500));
      expect(text(await get())).toContain('2 files · 1.5 kB');
      expect(text(await get())).toContain('2 files of this project found.');
      expect(text(await browser.get('/projects'))).toContain('2 files · 1.5 kB');
    });
  });

  describe('the page of a file', () => {
    it('shows a picture, its facts, and the way to the files around it in the order one came from', async () => {
      for (const [index, name] of ['b.png', 'a.png', 'c.png'].entries()) file(name, await png(), 1_700_000_000 + index);
      mkdirSync(join(folder, 'd'));
      const page = await get('/view/a.png');
      expect(page.body).toMatch(/<img src="[^"]*thumbnails\/a\.png\?size=page&amp;v=[^"]*" alt="Picture of a\.png"/);
      expect(page.body).not.toContain('Previous file');
      expect(page.body).toContain('aria-label="Next file: b.png"');
      const ordered = await get('/view/a.png?sort=date');
      expect(ordered.body).toMatch(/view\/b\.png\?sort=date" rel="prev"/);
      expect(ordered.body).toMatch(/view\/c\.png\?sort=date" rel="next"/);
      expect(ordered.body).toContain(`href="/projects/${project.id}?sort=date&amp;at=a.png" data-back`);
    });

    it('shows the beginning of a text, whatever is in it, and offers all of it', async () => {
      file('page.html', '<script>alert(1)</script>');
      file('long.txt', 'line\n'.repeat(20_000));
      file('latin.txt', Buffer.from('M\u00fcller', 'latin1'));
      const page = await get('/view/page.html');
      expect(page.body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page.body).not.toContain('<script>alert');
      expect(page.body).not.toContain('Open the original');
      const long = await get('/view/long.txt');
      expect([text(long).includes('The first 64 kB are shown. Download all of it'), long.body.length < 120_000]).toEqual([true, true]);
      expect(text(await get('/view/latin.txt'))).toMatch(/windows-1252.*M\u00fcller/);
    });

    it('shows the first rows of a table, and of a table that is none the text', async () => {
      file('cells.csv', `id,type\n${Array.from({ length: 300 }, (_, index) => `${index},T cell`).join('\n')}`);
      file('cells.tsv', 'a\tb\n1\t2');
      file('empty.csv', '');
      file('binary.csv', Buffer.from([0, 1, 2, 3]));
      expect(text(await get('/view/cells.csv'))).toContain('First 100 of 300 rows');
      expect((await get('/view/cells.tsv')).body).toContain('<td class="num">2</td>');
      expect(text(await get('/view/empty.csv'))).toContain('This file is empty.');
      expect(text(await get('/view/binary.csv'))).toContain('No preview');
    });

    it('shows a PDF by the viewer of the browser, and nothing else that is called one', async () => {
      file('plan.pdf', '%PDF-1.4 …');
      file('evil.pdf', '<html><script>alert(1)</script>');
      file('plan.txt', '%PDF-1.4 …');
      expect((await get('/view/plan.pdf')).body).toContain(`data-document="/projects/${project.id}/documents/plan.pdf"`);
      const document = await get('/documents/plan.pdf');
      expect(document.status).toBe(200);
      expect(document.headers).toMatchObject({
        'content-type': 'application/pdf',
        'content-disposition': 'inline; filename="plan.pdf"',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
        'x-frame-options': 'SAMEORIGIN',
      });
      for (const name of ['evil.pdf', 'plan.txt']) expect((await get(`/documents/${name}`)).status).toBe(404);
      expect((await get('/files/plan.pdf?view=1')).headers['content-disposition']).toMatch(/^attachment/);
    });

    it('is none for a folder, and for the results of runs one without new names', async () => {
      mkdirSync(join(folder, 'runs', '7'), { recursive: true });
      writeFileSync(join(folder, 'runs', '7', 'x.txt'), 'x');
      expect((await get('/view/runs')).status).toBe(404);
      const page = await get('/view/runs/7/x.txt');
      expect([page.body.includes('files/rename"'), page.body.includes('files/copy"')]).toEqual([true, true]);
      expect(page.body).not.toMatch(/formaction="[^"]*files\/(rename|move)"/);
    });
  });

  describe('small pictures', () => {
    const WIDTH = 120;
    const HEIGHT = 80;
    const noise = (index: number) => (index * 7919) % 997;
    const pixels = <Kind extends Pixels>(kind: new (length: number) => Kind, value: (index: number) => number): Buffer => {
      const all = new kind(WIDTH * HEIGHT);
      for (let index = 0; index < all.length; index += 1) all[index] = value(index);
      return tiff(all, WIDTH, HEIGHT);
    };
    const labels = (index: number) => 1 + Math.floor((index % WIDTH) / 20) + 6 * Math.floor(index / WIDTH / 20);
    const read = async (answer: TestAnswer, name: string) => {
      expect([name, answer.status, answer.headers['content-type']]).toEqual([name, 200, expect.stringMatching(/^image\/(png|jpeg)$/)]);
    };

    it.each<[string, () => Promise<Buffer> | Buffer]>([
      ['8 bits.jpg', () => photo().jpeg().toBuffer()],
      ['8 bits.png', () => photo().png().toBuffer()],
      ['8 bits.webp', () => photo().webp().toBuffer()],
      ['8 bits.tif', () => pixels(Uint8Array, (index) => noise(index) % 256)],
      ['12 bits.tif', () => pixels(Uint16Array, (index) => 75 + noise(index) * 4)],
      ['16 bits.tiff', () => pixels(Uint16Array, (index) => noise(index) * 60)],
      ['32 bits.tif', () => pixels(Uint32Array, (index) => noise(index) * 1000 + (index % 3))],
      ['fractions.tif', () => pixels(Float32Array, (index) => noise(index) / 997)],
      ['nuclei labels.tif', () => pixels(Uint32Array, labels)],
    ])('are made of %s', async (name, content) => {
      file(name, await content());
      for (const [size, edge] of [
        ['list', 96],
        ['grid', 120],
        ['page', 120],
      ] as const) {
        const picture = await rawPicture(`/thumbnails/${encodeURIComponent(name)}?size=${size}`);
        expect([name, size, (await sharp(picture).metadata()).width]).toEqual([
          name,
          size,
          Math.min(edge, (await sharp(picture).metadata()).width),
        ]);
        const { channels } = await sharp(picture).stats();
        expect(Math.max(...channels.map(({ max, min }) => max - min))).toBeGreaterThan(100);
      }
      await read(await get(`/thumbnails/${encodeURIComponent(name)}?size=list`), name);
    });

    it('colour the numbers of objects', async () => {
      file('mask.tif', pixels(Uint16Array, labels));
      const { data, info } = await sharp(await rawPicture('/thumbnails/mask.tif?size=page'))
        .raw()
        .toBuffer({ resolveWithObject: true });
      const colours = new Set(Array.from({ length: info.width * info.height }, (_, index) => data.readUIntBE(index * info.channels, 3)));
      expect([info.channels, colours.size]).toEqual([3, 24]);
    });

    it('are made once for each version of a file, and kept apart by project', async () => {
      file('a.png', await png('teal'));
      const first = await rawPicture('/thumbnails/a.png');
      const stored = async () =>
        (await web.app.get(ProjectPictures, { strict: false }).of(project.id, 'thumbnails')).folder.list([], { limit: 100 });
      const [made] = (await stored()).entries;
      expect((await rawPicture('/thumbnails/a.png')).equals(first)).toBe(true);
      expect((await stored()).entries).toMatchObject([{ name: made.name, touchedMs: made.touchedMs }]);
      file('a.png', await png('crimson'), 1_700_000_009);
      expect((await rawPicture('/thumbnails/a.png')).equals(first)).toBe(false);
      expect((await get('/thumbnails/a.png')).headers).toMatchObject({ 'cache-control': 'private, max-age=3600', vary: 'Cookie' });
    });

    it('are an icon where there is none to be had, and tried once only', async () => {
      file('torn.png', 'no picture');
      file('note.txt', 'no image');
      for (const name of ['torn.png', 'note.txt']) {
        const answer = await get(`/thumbnails/${name}`);
        expect([name, answer.status, answer.headers['content-type']]).toEqual([name, 200, 'image/svg+xml; charset=utf-8']);
        expect(answer.body).not.toContain('no ');
      }
      const startedMs = performance.now();
      for (let times = 0; times < 5; times += 1) await get('/thumbnails/torn.png');
      expect(performance.now() - startedMs).toBeLessThan(3000);
      expect((await get('/thumbnails/torn.png?size=page')).body).toContain('This image is damaged, or of a kind that is not shown.');
    });

    /** Answers of the test browser are text; a picture is bytes. */
    async function rawPicture(path: string): Promise<Buffer> {
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(`http://127.0.0.1:${web.port}/projects/${project.id}${path}`, { headers: { cookie } });
      expect([path, answer.status]).toEqual([path, 200]);
      return Buffer.from(await answer.arrayBuffer());
    }
  });

  function photo(): sharp.Sharp {
    const data = Buffer.from(Array.from({ length: 120 * 80 * 3 }, (_, index) => (index * 7) % 256));
    return sharp(data, { raw: { width: 120, height: 80, channels: 3 } });
  }

  function png(background = 'teal'): Promise<Buffer> {
    return sharp({ create: { width: 200, height: 100, channels: 3, background } })
      .png()
      .toBuffer();
  }
});
