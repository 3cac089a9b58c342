import { symlink, writeFile } from 'node:fs/promises';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { SharesRepository } from '../../../src/common/shares/shares.repository';
import { ShareLinks } from '../../../src/web/shares/share-links';
import { ShowStage, wordsOf } from './show-stage';

const EVIL = '<!doctype html><title>r</title><script>fetch("/logout",{method:"POST"})</script>';
const OUTPUTS = [
  { glob: 'site/index.html', kind: 'site' as const, title: 'Tissue' },
  { glob: 'report.html', kind: 'html' as const, title: 'Report of cells', caption: 'Look here first.' },
  { glob: 'view/*.csv', kind: 'table' as const, title: 'For EllViewer', open: 'ellviewer' as const },
  {
    glob: 'own/*.csv',
    kind: 'table' as const,
    title: 'For another',
    open: { title: 'Open in Napari', url: 'https://napari.test/#{url}&n={name}', addresses: 'File' },
  },
  { glob: 'counts.json', kind: 'plot' as const, title: 'Counts' },
  { glob: 'config.json', kind: 'json' as const, title: 'Options' },
];
const FILES = {
  'report.html': EVIL,
  'part/style.css': 'p { color: red }',
  'site/index.html': '<!doctype html><script src="../secret.js"></script>',
  'site/data/.._.._DAPI.tif.dzi': '<Image/>',
  'site/data/.._.._DAPI.tif_files/0/0_0.jpg': 'tile',
  'site/project.tmap': '{}',
  'site/cells.h5ad': '0123456789',
  'site/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
  'secret.js': 'secret',
  'view/fov1.csv':
    'uri,name,clip\nfov1_red.png,"Red <img src=x onerror=alert(1)>, or so",a\nhttps://x.test/a.png,B,\n../secret.js,C,\nnone.png,D,\n',
  'view/images/fov1_red.png': 'png',
  'own/list.csv': 'Name;File\n',
  'own/two.csv': 'Name,File\na,a.png\n',
  'own/a.png': 'a',
  'counts.json': JSON.stringify({
    description: 'Cells by size',
    data: { url: 'own/two.csv' },
    mark: 'bar',
    layer: [{ data: { url: '../../9/files/x' } }],
  }),
  'bars.vl.json': '{"mark":"bar"}',
  'config.json': '{"a":1,"__proto__":{"polluted":true},"list":[1,2]}',
  'drawing.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  'paper.pdf': '%PDF-1.4',
  'not.pdf': '<script>1</script>',
};

describe('pages that a pipeline wrote', () => {
  let stage: ShowStage;
  let id: number;
  const get = (path: string, headers: Record<string, string> = {}) => stage.owner.get(path, headers);
  /** Where the frame of a page finds it, and the same for a file beside it. */
  const frameOf = async (path: string): Promise<{ address: string; base: string; policy: string }> => {
    const { body, headers } = await get(`/runs/${id}/report/${path}`);
    const address = new URL(/<iframe [^>]*src="([^"]+)"/.exec(body)![1].replaceAll('&#x3D;', '=')).pathname;
    return { address, base: address.slice(0, address.lastIndexOf('/')), policy: String(headers['content-security-policy']) };
  };

  beforeAll(async () => {
    stage = await ShowStage.open({ ELLVIEWER_URL: 'https://ell.test/view.html?csv={url}&bitDepth=8' });
    id = await stage.ended(FILES, {}, { manifest: { outputs: OUTPUTS } });
  });
  afterAll(() => stage.close());

  it('are offered on the page of the run, and the parts of a site are not', async () => {
    const page = await stage.page(id);
    const words = wordsOf(page);
    for (const word of ['Tissue', 'Interactive page', 'Report of cells', 'Look here first.', 'Open in EllViewer', 'Open in Napari'])
      expect(words).toContain(word);
    for (const href of [
      'report/site/index.html',
      'report/report.html',
      'report/paper.pdf',
      'plot/counts.json',
      'plot/bars.vl.json',
      'open/view/fov1.csv',
    ])
      expect(page).toContain(`href="/runs/${id}/${href}"`);
    expect(page).not.toContain(`src="/runs/${id}/files/site/`);
    expect(page).toMatch(new RegExp(`<img src="/runs/${id}/files/drawing.svg[^"]*"`));
    expect(words).toContain('{ "a": 1, "__proto__": { "polluted": true }, "list": [1, 2] }');
    expect(page).not.toContain('fetch("/logout"');
  });

  it('stand in a frame that may show nothing else', async () => {
    const { body } = await get(`/runs/${id}/report/report.html`);
    expect(body).toContain('sandbox="allow-scripts"');
    const { base, policy } = await frameOf('report.html');
    expect(policy).toContain(`frame-src http://localhost:${stage.web.port}${base}/;`);
    for (const path of ['secret.js', 'drawing.svg', 'nope.html', '..%2fx.html']) {
      expect((await get(`/runs/${id}/report/${path}`)).status).toBeGreaterThanOrEqual(400);
    }
  });

  it('have no rights, no network, and keep to their frame, whatever the browser tells', async () => {
    const { address } = await frameOf('report.html');
    // Without any cookie: the link alone is the right.
    const answer = await stage.web.browser().get(address);
    expect([answer.status, answer.headers['content-type'], answer.headers['x-frame-options']]).toEqual([200, 'text/html', undefined]);
    const policy = String(answer.headers['content-security-policy']);
    for (const rule of [
      'sandbox allow-scripts;',
      "default-src 'none'",
      "connect-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
    ])
      expect(policy).toContain(rule);
    expect(answer.body).toMatch(
      /^<!doctype html><script src="[^"]+\/js\/framed\.js" data-page="\/runs\/\d+\/report\/report\.html"><\/script><title>/,
    );
    expect(answer.headers['set-cookie']).toBeUndefined();
    for (const dest of ['document', 'object', 'embed']) expect((await get(address, { 'sec-fetch-dest': dest })).status).toBe(403);
    expect((await get(address, { 'sec-fetch-dest': 'iframe' })).status).toBe(200);
  });

  it('read the files of their folder, by ranges too, each under its type, and none above', async () => {
    const { base } = await frameOf('site/index.html');
    const visitor = stage.web.browser();
    for (const [path, type] of [
      ['data/.._.._DAPI.tif.dzi', 'application/xml'],
      ['data/.._.._DAPI.tif_files/0/0_0.jpg', 'image/jpeg'],
      ['project.tmap', 'application/json'],
      ['logo.svg', 'image/svg+xml'],
    ] as const) {
      const { status, headers } = await visitor.get(`${base}/${path}`);
      expect([path, status, headers['content-type']]).toEqual([path, 200, type]);
      expect(headers).toMatchObject({
        'access-control-allow-origin': '*',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['content-security-policy']).not.toContain('allow-scripts');
    }
    const part = await visitor.get(`${base}/cells.h5ad`, { range: 'bytes=2-4' });
    expect([part.status, part.body, part.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10']);
    expect((await visitor.send(`${base}/cells.h5ad`, { method: 'OPTIONS', headers: { origin: 'null' } })).status).toBe(204);
    for (const path of ['../secret.js', '..%2fsecret.js', '%2e%2e/secret.js', 'secret.js', '', 'data', 'data/', '%2fetc%2fpasswd', 'a%00'])
      expect((await visitor.get(`${base}/${path}`)).body).not.toContain('secret"');
    await writeFile(stage.controlPath(id, 'outside.txt'), 'OUTSIDE');
    await symlink(stage.controlPath(id, 'outside.txt'), stage.resultPath(id, 'site/link.txt'));
    expect((await visitor.get(`${base}/link.txt`)).status).toBe(404);
  });

  it('are gone with a changed link and for another purpose, and offered to nobody else', async () => {
    const { base, address } = await frameOf('report.html');
    const visitor = stage.web.browser();
    const token = base.split('/').at(-1)!;
    const other = token.replace(`report.${id}`, `report.${id + 1}`);
    expect((await visitor.get(address.replace(token, other))).status).toBe(404);
    expect((await visitor.get(address.replace('report-content', 'shared-file'))).status).toBe(404);
    expect((await visitor.get(`/report-content/x/report.html`)).status).toBe(404);
    expect((await visitor.send(address, { method: 'POST', headers: { origin: 'null' } })).status).toBe(403);
    const stranger = stage.web.browser();
    await stranger.signUp();
    for (const page of ['report/report.html', 'plot/counts.json', 'open/view/fov1.csv', 'documents/paper.pdf'])
      expect((await stranger.get(`/runs/${id}/${page}`)).status).toBe(403);
  });

  it('are shown to whoever has a link to the run, as long as the link is good', async () => {
    const links = stage.web.app.get(ShareLinks, { strict: false });
    const wish = { projectId: stage.project.id, runId: id, note: '', days: '1' };
    const visitor = stage.web.browser();
    await visitor.get(`/shared/${(await links.make(wish)).secret}`);
    const page = await visitor.get(`/runs/${id}/report/report.html`);
    const frame = () => /<iframe [^>]*src="([^"]+)"/.exec(page.body)![1].replaceAll('&#x3D;', '=');
    expect((await stage.web.browser().get(new URL(frame()).pathname)).status).toBe(200);
    expect(wordsOf((await visitor.get(`/runs/${id}`)).body)).not.toContain('Open in EllViewer');
    expect((await visitor.get(`/runs/${id}/open/view/fov1.csv`)).status).toBe(303);
    expect((await visitor.get(`/runs/${id}/open/view/fov1.csv`)).location).toMatch(/^\/login/);
    const shares = stage.web.app.get(SharesRepository);
    const again = await visitor.get(`/runs/${id}/report/site/index.html`);
    const [share] = await shares.ofProject(stage.project.id);
    await shares.revoke(stage.project.id, share.id);
    const later = new URL(/<iframe [^>]*src="([^"]+)"/.exec(again.body)![1].replaceAll('&#x3D;', '=')).pathname;
    expect((await stage.web.browser().get(later)).status).toBe(404);
  });

  it('say of a plot what it shows and which files it reads, none of them elsewhere', async () => {
    const { body, status } = await get(`/runs/${id}/plot/counts.json`);
    expect(status).toBe(200);
    expect(wordsOf(body)).toContain('Cells by size');
    // As on every page below a run: the project, the run, the file.
    expect(body).toMatch(
      new RegExp(`class="crumbs">[^]*href="/projects/${stage.project.id}"[^]*href="/runs/${id}">Run #${id}<[^]*counts\\.json`),
    );
    expect(body).toContain(`href="/runs/${id}/files/own/two.csv?download`);
    expect(body).not.toContain('/9/files');
    expect(body).toContain(`data-plot-files="/runs/${id}/files/"`);
    expect((await get(`/runs/${id}/plot/config.json`)).status).toBe(404);
  });

  it('show documents that are some, and drawings as pictures only', async () => {
    const pdf = await get(`/runs/${id}/documents/paper.pdf`);
    expect([pdf.status, pdf.headers['content-type'], pdf.headers['x-frame-options']]).toEqual([200, 'application/pdf', 'SAMEORIGIN']);
    expect((await get(`/runs/${id}/documents/not.pdf`)).status).toBe(404);
    const svg = await get(`/runs/${id}/files/drawing.svg`);
    expect(svg.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'x-content-type-options': 'nosniff' });
    expect(svg.headers['content-disposition']).toMatch(/^attachment/);
    expect(svg.headers['content-security-policy']).toContain('sandbox');
  });

  it('hand tables to viewers elsewhere, with links to their pictures', async () => {
    const { status, location } = await get(`/runs/${id}/open/view/fov1.csv`);
    expect([status, location]).toEqual([
      303,
      expect.stringMatching(
        /^https:\/\/ell\.test\/view\.html\?csv=http%3A%2F%2Flocalhost%3A\d+%2Fshared-file%2F[^&/]+%2Ffov1\.csv&bitDepth=8$/,
      ),
    ]);
    const file = new URL(new URL(location!).searchParams.get('csv')!);
    const visitor = stage.web.browser();
    const table = await visitor.get(file.pathname, { origin: 'https://ell.test' });
    expect(table.headers).toMatchObject({ 'access-control-allow-origin': '*', 'content-type': 'text/csv; charset=utf-8' });
    const root = file.href.slice(0, file.href.lastIndexOf('/'));
    expect(table.body.split('\n')).toEqual([
      'uri,name,clip',
      `${root}/images/fov1_red.png,"Red img src=x onerror=alert(1), or so",a`,
      'https://x.test/a.png,B,',
      '../secret.js,C,',
      'none.png,D,',
      '',
    ]);
    const picture = await visitor.get(new URL(`${root}/images/fov1_red.png`).pathname);
    expect([picture.body, picture.headers['access-control-allow-origin'], picture.headers['content-type']]).toEqual([
      'png',
      '*',
      'image/png',
    ]);
    expect((await visitor.get(new URL(`${root}/x`).pathname.replace(/x$/, '..%2fsecret.js'))).status).toBeGreaterThanOrEqual(400);
  });

  it('hand a named column to a viewer of the manifest', async () => {
    const { location } = await get(`/runs/${id}/open/own/two.csv`);
    expect(location).toMatch(/^https:\/\/napari\.test\/#http%3A.*two\.csv&n=two\.csv$/);
    const address = decodeURIComponent(location!.slice('https://napari.test/#'.length).replace(/&n=.*/, ''));
    const { body } = await stage.web.browser().get(new URL(address).pathname);
    expect(body).toBe(`Name,File\na,${address.replace('two.csv', 'a.png')}\n`);
    expect((await get(`/runs/${id}/open/report.html`)).status).toBe(404);
  });

  it('are gone with the project of their run, however long a link would be good', async () => {
    const { address } = await frameOf('report.html');
    await stage.web.app.get(ProjectsRepository).delete(stage.project.id);
    expect((await stage.web.browser().get(address)).status).toBe(404);
  });
});

describe('REPORT_ORIGIN', () => {
  it('serves pages of results and nothing else, without cookies, to frames of ours alone', async () => {
    const stage = await ShowStage.open({ PUBLIC_URL: 'http://localhost:1', REPORT_ORIGIN: 'http://reports.test:81' });
    try {
      const id = await stage.ended({ 'a/report.html': EVIL });
      const { body, headers } = await stage.owner.get(`/runs/${id}/report/a/report.html`);
      const address = new URL(/<iframe [^>]*src="([^"]+)"/.exec(body)![1].replaceAll('&#x3D;', '='));
      expect(address.origin).toBe('http://reports.test:81');
      expect(headers['content-security-policy']).toContain(`frame-src ${address.href.replace(/[^/]*$/, '')};`);
      const there = { host: 'reports.test:81' };
      const answer = await stage.owner.get(address.pathname, there);
      expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined]);
      expect(answer.headers['content-security-policy']).toContain('frame-ancestors http://localhost:1;');
      expect(answer.body).toContain('data-page="http://localhost:1/runs/');
      expect((await stage.owner.get(address.pathname)).status).toBe(404);
      for (const path of ['/', '/projects', `/runs/${id}`, `/runs/${id}/files/a/report.html`, '/login']) {
        expect((await stage.owner.get(path, there)).status).toBe(404);
      }
    } finally {
      await stage.close();
    }
  });
});
