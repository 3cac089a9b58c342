import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { Assets } from './assets';
import { serveAssets } from './serve-assets';

describe('serveAssets', () => {
  let folder: string;
  let server: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assets-'));
    mkdirSync(join(folder, 'public', 'css'), { recursive: true });
    writeFileSync(join(folder, 'public', 'css', 'app.css'), 'body{}');
    writeFileSync(join(folder, 'public', 'css', 'app.css.gz'), gzipSync('body{}'));
    writeFileSync(join(folder, 'public', '.hidden'), 'SECRET');
    writeFileSync(join(folder, 'outside.txt'), 'SECRET');
    writeFileSync(
      join(folder, 'public', 'assets.json'),
      JSON.stringify({ version: 'v2', icons: ['clock'], packed: ['css/app.css', 'css/lost.css'], picture: null }),
    );
    const app = express();
    app.use('/assets', serveAssets(new Assets(join(folder, 'public'))));
    app.use((_request, response) => void response.status(404).end());
    server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const addressOf = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

  /** Sends the path as it is: fetch would tidy it. */
  const ask = (path: string) =>
    new Promise<{ status: number; cache: string | undefined; body: string }>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, cache: response.headers['cache-control'], body }));
      }).on('error', reject);
    });

  it('lets browsers keep a file of this build for ever', async () => {
    expect(await ask('/assets/v2/css/app.css')).toEqual({ status: 200, cache: 'public, max-age=31536000, immutable', body: 'body{}' });
  });

  it('serves a page of an older build without pinning anything', async () => {
    expect(await ask('/assets/v1/css/app.css')).toMatchObject({ status: 200, cache: 'no-cache' });
  });

  it('serves what the build packed to whoever can unpack it', async () => {
    const answer = await fetch(addressOf('/assets/v2/css/app.css'), { headers: { 'Accept-Encoding': 'gzip' } });
    expect(await answer.text()).toBe('body{}');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'content-length': String(gzipSync('body{}').length),
    });
  });

  it('serves it as it is to others, and parts of it', async () => {
    const [plain, part] = await Promise.all([
      fetch(addressOf('/assets/v2/css/app.css'), { headers: { 'Accept-Encoding': 'identity' } }),
      fetch(addressOf('/assets/v2/css/app.css'), { headers: { 'Accept-Encoding': 'gzip', Range: 'bytes=0-3' } }),
    ]);
    expect([await plain.text(), plain.headers.get('content-encoding'), plain.headers.get('vary')]).toEqual([
      'body{}',
      null,
      'Accept-Encoding',
    ]);
    expect([await part.text(), part.status, part.headers.get('content-encoding')]).toEqual(['body', 206, null]);
  });

  it('says of no other answer that it is packed', async () => {
    const answer = await fetch(addressOf('/assets/v2/css/lost.css'), { headers: { 'Accept-Encoding': 'gzip' } });
    expect([answer.status, answer.headers.get('content-encoding'), answer.headers.get('content-type')]).toEqual([404, null, null]);
  });

  it('leaves what is not there to the next handler, without its cache header', async () => {
    expect(await ask('/assets/v2/nothing.js')).toEqual({ status: 404, cache: undefined, body: '' });
    expect((await ask('/assets/v2')).status).toBe(404);
    expect((await ask('/assets/v2/css')).status).toBe(404);
  });

  it.each([
    '/assets/v2/../../outside.txt',
    '/assets/v2/%2e%2e/%2e%2e/outside.txt',
    '/assets/v2/..%2foutside.txt',
    '/assets/v2/.hidden',
    '/assets/../outside.txt',
    '/assets/v2/%00',
    '/assets//outside.txt',
  ])('gives nothing away for %s', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toContain('SECRET');
  });

  it('shows a neutral icon for one that the sprite lacks', () => {
    const assets = new Assets(join(folder, 'public'));
    expect([assets.icon('clock'), assets.icon('made-up')]).toEqual(['clock', 'terminal-2']);
  });
});
