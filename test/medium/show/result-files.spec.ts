import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { link, mkdir, open, readdir, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { formatEntryName } from '../../../src/common/files/entry-name';
import { tiff } from '../../tiff';
import { ShowStage, wordsOf } from './show-stage';

const EVIL = '<script>fetch("/logout",{method:"POST"})</script>';

describe('the files of a run', () => {
  let stage: ShowStage;
  let id: number;
  const get = (path: string, headers: Record<string, string> = {}) => stage.owner.get(`/runs/${id}/${path}`, headers);

  beforeAll(async () => {
    stage = await ShowStage.open();
    id = await stage.ended({ 'a.txt': '0123456789', 'sub/b c.csv': 'a,b\n1,2\n', 'Größe "1".csv': 'x\n' });
  });
  afterAll(() => stage.close());

  it('come whole, with size, type and a tag that saves sending them again', async () => {
    const whole = await get('files/a.txt');
    expect(whole).toMatchObject({ status: 200, body: '0123456789' });
    expect(whole.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'content-disposition': 'inline; filename="a.txt"',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*sandbox/),
    });
    expect((await get('files/a.txt', { 'if-none-match': String(whole.headers.etag) })).status).toBe(304);
    expect((await get('files/sub/b%20c.csv')).body).toBe('a,b\n1,2\n');
  });

  it('come in part, so that a torn download goes on', async () => {
    expect(await get('files/a.txt', { range: 'bytes=4-6' })).toMatchObject({
      status: 206,
      body: '456',
      headers: expect.objectContaining({ 'content-range': 'bytes 4-6/10' }),
    });
    expect(await get('files/a.txt', { range: 'bytes=-2' })).toMatchObject({ status: 206, body: '89' });
    const beyond = await get('files/a.txt', { range: 'bytes=50-' });
    expect([beyond.status, beyond.headers['content-range'], beyond.body]).toEqual([416, 'bytes */10', '']);
  });

  it('are handed out as downloads under their own name', async () => {
    const answer = await get(`files/${encodeURIComponent('Größe "1".csv')}?download=1`);
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="Gr__e _1_.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.csv`,
    );
  });

  it.each(['report.html', 'x.HTM', 'x.xml', 'x.xhtml', 'x.pdf', 'x.js', 'x.swf', 'x.shtml', 'noending', 'x.html.', 'x.mhtml'])(
    'never open in place when they are called %s',
    async (name) => {
      await stage.writeResult(id, name, EVIL);
      const { headers, status } = await get(`files/${name}`);
      expect([status, headers['content-type']]).toEqual([200, 'application/octet-stream']);
      expect(headers['content-disposition']).toMatch(/^attachment/);
      expect(headers['x-content-type-options']).toBe('nosniff');
    },
  );

  it('are what their name says, whatever is in them', async () => {
    for (const [name, type] of [
      ['evil.png', 'image/png'],
      ['evil.GIF', 'image/gif'],
      ['evil.csv', 'text/plain; charset=utf-8'],
    ] as const) {
      await stage.writeResult(id, name, EVIL);
      const { headers } = await get(`files/${name}`);
      expect([headers['content-type'], headers['x-content-type-options']]).toEqual([type, 'nosniff']);
    }
    const page = await stage.page(id);
    expect(page).not.toContain(EVIL);
  });

  it.each([
    '..%2f..%2fa.txt',
    '%2e%2e/%2e%2e/a.txt',
    '..%252f..%252fetc%252fpasswd',
    '%2fetc%2fpasswd',
    '..%5c..%5ca.txt',
    '..%c0%af..%c0%afa.txt',
    'a%00.txt',
    'a.txt%00.png',
    './a.txt',
    'sub//b%20c.csv',
    'sub/./b%20c.csv',
    'sub',
    'sub/',
    'nope.txt',
    'a.txt/b',
    '~b64~Li4',
    '~b64~YS50eHQ',
    '%E2%80%AEtxt.a',
    '%0a',
    'C%3a%5cx',
    'x'.repeat(300),
    `${'d/'.repeat(400)}x`,
    '%',
    '%ff',
  ])('do not answer to %s', async (path) => {
    const raw = await get(`files/${path}`);
    expect(raw.status).toBeGreaterThanOrEqual(400);
    expect(raw.status).toBeLessThan(500);
    expect(raw.body).not.toContain('0123456789');
    expect((await get(`views/${path}`)).body).not.toContain('0123456789');
  });

  it('lead nowhere by links, pipes and second names', async () => {
    const outside = stage.controlPath(id, 'outside.txt');
    await stage.writeControl(id, 'outside.txt', 'OUTSIDE');
    await symlink(outside, stage.resultPath(id, 'link.txt'));
    await symlink(stage.controlPath(id, '.'), stage.resultPath(id, 'folder'));
    await symlink('link.png', stage.resultPath(id, 'link.png'));
    await link(outside, stage.resultPath(id, 'second.txt'));
    execFileSync('mkfifo', [stage.resultPath(id, 'pipe.txt')]);
    for (const name of ['link.txt', 'folder/outside.txt', 'link.png', 'pipe.txt', 'second.txt']) {
      const answer = await get(`files/${name}`);
      expect([name, answer.status]).toEqual([name, name === 'second.txt' ? 403 : 404]);
      expect(answer.body).not.toContain('OUTSIDE');
    }
    const page = await stage.page(id);
    expect(page).not.toContain('OUTSIDE');
    expect(wordsOf(page)).toContain('4 entries are no ordinary files');
  });

  it('do not lead outside while folders are swapped for links', async () => {
    await stage.writeResult(id, 'swap/inside.txt', 'INSIDE');
    await stage.writeControl(id, 'inside.txt', 'OUTSIDE');
    const [real, aside] = [stage.resultPath(id, 'swap'), stage.resultPath(id, 'aside')];
    const swapping = new AbortController();
    const swapper = (async () => {
      while (!swapping.signal.aborted) {
        await rename(real, aside);
        await symlink(stage.controlPath(id, '.'), real);
        await rename(real, `${real}-link`).then(() => execFileSync('rm', [`${real}-link`]));
        await rename(aside, real);
      }
    })();
    const answers = await Promise.all(Array.from({ length: 200 }, () => get('files/swap/inside.txt')));
    swapping.abort();
    await swapper;
    expect(new Set(answers.map((answer) => answer.status))).not.toContain(500);
    expect(answers.some((answer) => answer.body.includes('OUTSIDE'))).toBe(false);
  });

  it('have names of any bytes, each with one address', async () => {
    const names = [
      Buffer.from([0x62, 0x61, 0x64, 0xff, 0x2e, 0x74, 0x78, 0x74]),
      Buffer.from('-rf; $(id).txt'),
      Buffer.from('<img src=x onerror=alert(1)>.txt'),
    ];
    names.push(
      Buffer.from('line\nbreak.txt'),
      Buffer.from(' blank .txt '),
      Buffer.from('{{constructor}}.txt'),
      Buffer.from('\u{202e}gnp.txt'),
    );
    for (const name of names)
      await writeFile(Buffer.concat([Buffer.from(`${stage.resultPath(id)}/`), name]), `content of ${name.toString('hex')}`);
    const page = await stage.page(id);
    for (const name of names) {
      const address = `/runs/${id}/files/${encodeURIComponent(formatEntryName(name))}`;
      expect(page).toContain(`href="${address}?download`);
      const answer = await stage.owner.get(address);
      expect([answer.status, answer.body]).toEqual([200, `content of ${name.toString('hex')}`]);
    }
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('\u{202e}');
  });

  it('may be huge: 4 GB in one line cost a page nothing', async () => {
    const heavy = await stage.ended({ 'line.csv': 'x', 'deep.txt': 'y' });
    for (const name of ['line.csv', 'deep.txt']) await truncate(stage.resultPath(heavy, name), 4_000_000_000);
    const text = await open(stage.resultPath(heavy, 'line.csv'), 'r+');
    await text.write('7'.repeat(2_000_000), 0);
    await text.close();
    const began = performance.now();
    const before = process.memoryUsage().rss;
    const page = await stage.page(heavy);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    expect(page.length).toBeLessThan(400_000);
    expect((await stage.owner.get(`/runs/${heavy}/files/line.csv`, { range: 'bytes=3999999990-' })).headers['content-length']).toBe('10');
  });

  it('may be many: a page lists five hundred and says so', async () => {
    const many = await stage.ended();
    for (let index = 0; index < 30; index++) await mkdir(stage.resultPath(many, `d${index}`), { recursive: true });
    for (let index = 0; index < 900; index++) await writeFile(stage.resultPath(many, `d${index % 30}/f${index}.png`), 'x');
    const words = wordsOf(await stage.page(many));
    expect(words).toMatch(/500 files/);
    expect(words).toContain('There are more files than this page lists.');
  });

  it('may be many in one folder: they do not hide those of others', async () => {
    const files = { 'masks/a_mask.png': 'x', 'masks/b_mask.png': 'x', 'views/deeper/a_red.png': 'x' };
    const many = await stage.ended(files, {}, { manifest: { outputs: [{ glob: 'masks/*', kind: 'label', title: 'Cells' }] } });
    await mkdir(stage.resultPath(many, 'crops'));
    for (let index = 0; index < 800; index++) await writeFile(stage.resultPath(many, `crops/cell${index}.png`), 'x');
    const words = wordsOf(await stage.page(many));
    expect(words).toMatch(/500 files/);
    expect([...Object.keys(files), 'crops/cell0.png'].filter((name) => !words.includes(name))).toEqual([]);
  });
});

describe('pictures of images that browsers cannot show', () => {
  let stage: ShowStage;
  beforeAll(async () => (stage = await ShowStage.open()));
  afterAll(() => stage.close());

  const noise = Uint16Array.from({ length: 100 * 80 }, (_, index) => 100 + ((index * 7919) % 3001));

  async function picture(path: string): Promise<sharp.Metadata> {
    const answer = await stage.bytes(path);
    expect([answer.status, answer.type]).toEqual([200, 'image/png']);
    return sharp(answer.body).metadata();
  }

  it('are made once for each version of the file', async () => {
    const id = await stage.ended({ 'scan.tif': tiff(noise, 100, 80) });
    const path = `/runs/${id}/views/scan.tif`;
    expect(await picture(path)).toMatchObject({ width: 100, height: 80 });
    const made = await readdir(stage.controlPath(id, 'views'));
    expect(made).toHaveLength(1);
    await Promise.all([picture(path), picture(path)]);
    expect(await readdir(stage.controlPath(id, 'views'))).toEqual(made);
    await stage.writeResult(id, 'scan.tif', tiff(noise.slice(0, 4000), 50, 80));
    expect(await picture(path)).toMatchObject({ width: 50 });
    const renewed = await readdir(stage.controlPath(id, 'views'));
    expect(renewed).toHaveLength(1);
    expect(renewed).not.toEqual(made);
  });

  it('are made for many people at once by one process', async () => {
    const id = await stage.ended({ 'scan.tif': tiff(noise, 100, 80) });
    const answers = await Promise.all(Array.from({ length: 12 }, () => stage.bytes(`/runs/${id}/views/scan.tif`)));
    expect(new Set(answers.map((answer) => createHash('md5').update(answer.body).digest('hex'))).size).toBe(1);
    expect(await readdir(stage.controlPath(id, 'views'))).toHaveLength(1);
  });

  it.each([
    ['torn.tif', tiff(noise, 100, 80).subarray(0, 60)],
    ['words.tif', Buffer.from('not a picture')],
    ['drawing.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')],
    ['empty.tiff', Buffer.alloc(0)],
  ])('say so where there is none (%s), and try it once', async (name, bytes) => {
    const id = await stage.ended({ [name]: bytes });
    const answer = await stage.bytes(`/runs/${id}/views/${name}`);
    expect([answer.status, answer.type]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    expect(answer.body.toString()).toContain('No preview');
    const [made] = await readdir(stage.controlPath(id, 'views'));
    await utimes(stage.controlPath(id, `views/${made}`), 1, 1);
    await stage.bytes(`/runs/${id}/views/${name}`);
    expect(await readdir(stage.controlPath(id, 'views'))).toEqual([made]);
    expect(await stage.page(id)).toContain('<main');
  });

  it('are not made of what is no picture by its name', async () => {
    const id = await stage.ended({ 'x.svg': '<svg/>', 'x.csv': 'a' });
    for (const name of ['x.svg', 'x.csv']) expect((await stage.bytes(`/runs/${id}/views/${name}`)).body.toString()).toContain('No preview');
    expect((await stage.bytes(`/runs/${id}/views/nope.tif`)).status).toBe(404);
  });
});
