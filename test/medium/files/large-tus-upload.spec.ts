import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { identityKey } from '../../../src/common/files/file-identity';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { compileProduct, type Product } from '../../product';
import { createProject } from '../../project-steps';
import { slowAppend, TusClient } from '../../tus';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { startWebProcess, type WebProcess } from '../../web-process';

/** TEST_TUS_MB=4096 sends four gigabytes. */
const MEGABYTES = Number(process.env['TEST_TUS_MB'] ?? 64);
const MEBIBYTE = 1024 * 1024;
const SIZE = MEGABYTES * MEBIBYTE;
const CUTS = 10;
/** Beside what the web process takes when it has started. */
const MOST_MEMORY = 60_000_000;
/** As the pages send them. */
const CHUNK = 32 * MEBIBYTE;

/** Bytes that differ from place to place, so that a piece in the wrong place shows. */
function contentAt(offset: number, length: number): Buffer {
  const begin = offset - (offset % 4096);
  const piece = Buffer.alloc(offset - begin + length + 8);
  for (let at = 0; at < piece.length - 8; at += 4096) piece.writeBigUInt64LE(BigInt(begin + at), at);
  return piece.subarray(offset - begin, offset - begin + length);
}

describe('a large resumable upload', () => {
  let web: TestWebApp;
  let product: Product;
  let server: WebProcess;
  let browser: TestBrowser;
  let client: TusClient;
  let idle = 0;
  let most = 0;

  beforeAll(async () => {
    web = await startTestWebApp();
    product = compileProduct();
    server = await startWebProcess(product, web.database);
    idle = server.peakMemory();
    const here = web.browser();
    await here.signUp();
    browser = server.browserOf(here);
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await web.close();
    product.remove();
  });

  const whereItIs = async (address: string): Promise<number> => {
    for (;;) {
      const { status, headers } = await client.look(address).catch(() => ({ status: 0, headers: {} as Record<string, unknown> }));
      if (status === 200) return Number(headers['upload-offset']);
      await sleep(200);
    }
  };

  /** One PATCH, which may break off. */
  async function sendChunk(address: string, offset: number, end: number, breakAt?: number, kill = false): Promise<void> {
    const request = await slowAppend(browser, client, address, offset, end - offset);
    const stop = breakAt ?? end;
    for (let at = offset; at < stop; at += MEBIBYTE)
      await request.write(contentAt(at, Math.min(MEBIBYTE, stop - at))).catch(() => undefined);
    if (breakAt === undefined) request.end();
    else if (kill) await restart();
    else request.hangUp();
    await request.answer;
  }

  async function restart(): Promise<void> {
    most = Math.max(most, server.peakMemory() - idle);
    await server.kill();
    server = await startWebProcess(product, web.database, {}, server.port);
    idle = server.peakMemory();
  }

  it(
    `of ${MEGABYTES} MB arrives unharmed over ${CUTS} cut connections and a killed server, with little memory`,
    async () => {
      const project = await createProject(web, browser, 'Large');
      client = new TusClient(browser, project.id);
      const address = await client.begin('large.bin', SIZE);
      const breaks = Array.from({ length: CUTS + 1 }, (_, index) => Math.floor((SIZE * (index + 0.5)) / (CUTS + 1)));
      const begin = Date.now();
      let offset = 0;
      let broken = 0;
      while (offset < SIZE) {
        const end = Math.min(SIZE, offset + CHUNK);
        const breakAt = breaks.find((at) => at > offset && at < end);
        if (breakAt !== undefined) breaks.splice(breaks.indexOf(breakAt), 1);
        if (breakAt !== undefined) broken += 1;
        await sendChunk(address, offset, end, breakAt, broken === 6 && breakAt !== undefined);
        offset = await whereItIs(address);
      }
      const seconds = (Date.now() - begin) / 1000;
      most = Math.max(most, server.peakMemory() - idle);
      process.stdout.write(
        `resumable upload: ${MEGABYTES} MB in ${seconds.toFixed(1)} s with ${broken} breaks, memory grew by ${Math.round(most / 1e6)} MB at most\n`,
      );
      expect(broken).toBe(CUTS + 1);
      const path = join(web.database.config.filesRoot, project.ownerId, project.id, 'large.bin');
      expect(statSync(path).size).toBe(SIZE);
      const wanted = createHash('sha256');
      for (let at = 0; at < SIZE; at += MEBIBYTE) wanted.update(contentAt(at, MEBIBYTE));
      const found = createHash('sha256');
      for await (const piece of createReadStream(path)) found.update(piece as Buffer);
      const sha256 = wanted.digest('hex');
      expect(found.digest('hex')).toBe(sha256);
      const identity = (await web.app
        .get(ProjectFiles, { strict: false })
        .of(project)
        .identify([Buffer.from('large.bin')]))!;
      const known = await web.app.get(FileDigests, { strict: false }).find(project.id, [identity]);
      expect(known.get(identityKey(identity))?.sha256).toBe(sha256);
      expect(readdirSync(join(web.database.config.filesRoot, project.ownerId, '.staging'))).toEqual([]);
      expect(most).toBeLessThan(MOST_MEMORY);
    },
    90_000 + MEGABYTES * 100,
  );
});
