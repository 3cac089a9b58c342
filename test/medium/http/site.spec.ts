import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestWebApp, type TestWebApp } from '../../web-app';

const HOSTILE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><script>parent.stolen = document.cookie</script><image href="http://evil.test/a.png"/></svg>';

interface Manifest {
  name: string;
  short_name: string;
  start_url: string;
  scope: string;
  theme_color: string;
  icons: { src: string; type: string; sizes: string }[];
}

describe('a site with a name and a sign of its own', () => {
  let web: TestWebApp;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'site-'));
    const icon = join(folder, 'sign.svg');
    writeFileSync(icon, HOSTILE);
    web = await startTestWebApp({ SITE_NAME: 'Bio <Core>', SITE_ICON: icon, PUBLIC_URL: 'http://localhost/lab' });
  });
  afterAll(async () => {
    await web?.close();
    rmSync(folder, { recursive: true });
  });

  it('shows both on its pages, error pages as well', async () => {
    for (const path of ['/lab/login', '/lab/no/such/page']) {
      const { body } = await web.browserBelow('').get(path);
      const [, icon] = /<link rel="icon" href="(\/lab\/site-icon\/[0-9a-f]{10})" type="image\/svg\+xml"/.exec(body) ?? [];
      expect(icon).toBeDefined();
      expect(body).toContain(`<img src="${icon}" alt=""`);
      expect(body).toMatch(/<title>[^<]+ · Showrunner · Bio &lt;Core&gt;<\/title>/);
      expect(body).not.toContain('img/mark.svg');
    }
  });

  it('sends the sign as a picture that can do nothing, to be kept for ever', async () => {
    const browser = web.browserBelow('');
    const [, path = ''] = /<link rel="icon" href="([^"]+)"/.exec((await browser.get('/lab/login')).body) ?? [];
    const { status, headers, body } = await browser.get(path);
    expect({ status, body }).toEqual({ status: 200, body: HOSTILE });
    expect(headers['content-type']).toMatch(/^image\/svg\+xml/);
    expect(headers['content-security-policy']).toBe("default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toContain('immutable');
    const older = await browser.get('/lab/site-icon/0123456789');
    expect(older.body).toBe(HOSTILE);
    expect(older.headers['cache-control']).toBe('no-cache');
  });

  it('has a manifest for desks and phones, and an answer at the address that browsers guess', async () => {
    const browser = web.browserBelow('');
    const { headers, body } = await browser.get('/lab/manifest.webmanifest');
    expect(headers['content-type']).toMatch(/^application\/manifest\+json/);
    const manifest = JSON.parse(body) as Manifest;
    expect(manifest).toMatchObject({ name: 'Showrunner · Bio <Core>', short_name: 'Bio <Core>', start_url: '/lab/', scope: '/lab/' });
    expect(manifest.icons).toEqual([expect.objectContaining({ type: 'image/svg+xml', sizes: 'any' })]);
    expect((await browser.get(manifest.icons[0].src)).body).toBe(HOSTILE);
    expect((await browser.get('/lab/favicon.ico')).location).toBe(manifest.icons[0].src);
  });

  it('tells browsers the colour of the frame, by the theme of the person or of the device', async () => {
    const browser = web.browserBelow('');
    const colours = async () => [...(await browser.get('/lab/login')).body.matchAll(/<meta name="theme-color"[^>]*>/g)].map(([tag]) => tag);
    expect(await colours()).toEqual([
      '<meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)" />',
      '<meta name="theme-color" content="#17171b" media="(prefers-color-scheme: dark)" />',
    ]);
    browser.cookies.set('showrunner_theme', 'dark');
    expect(await colours()).toEqual(['<meta name="theme-color" content="#17171b" />']);
  });

  it('has the sign of Showrunner where none is set', async () => {
    const plain = await startTestWebApp();
    try {
      const browser = plain.browser();
      const { body } = await browser.get('/login');
      expect(body.match(/<link rel="(icon|apple-touch-icon|manifest)"/g)).toHaveLength(4);
      const manifest = JSON.parse((await browser.get('/manifest.webmanifest')).body) as Manifest;
      expect(manifest.name).toBe('Showrunner');
      expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(['any', '192x192', '512x512']);
      expect((await browser.get('/site-icon/0123456789')).status).toBe(404);
    } finally {
      await plain.close();
    }
  });
});
