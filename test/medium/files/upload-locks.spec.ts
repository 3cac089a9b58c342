import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Project } from '../../../src/common/projects/project.entity';
import { compileProduct, type Product } from '../../product';
import { createProject } from '../../project-steps';
import { slowAppend, TusClient } from '../../tus';
import { until } from '../../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { startWebProcess, type WebProcess } from '../../web-process';

const MEGABYTE = 1_000_000;

describe('one upload and two who send it', () => {
  let web: TestWebApp;
  let product: Product;
  let second: WebProcess;
  let browser: TestBrowser;
  let elsewhere: TestBrowser;
  let project: Project;
  let client: TusClient;
  let other: TusClient;
  const content = randomBytes(3 * MEGABYTE);

  beforeAll(async () => {
    web = await startTestWebApp({ UPLOAD_SILENCE: '3s' });
    product = compileProduct();
    second = await startWebProcess(product, web.database);
    browser = web.browser();
    await browser.signUp();
    elsewhere = second.browserOf(browser);
    project = await createProject(web, browser, 'Two senders');
  }, 60_000);
  afterAll(async () => {
    await second?.stop();
    await web.close();
    product.remove();
  });
  beforeEach(() => {
    client = new TusClient(browser, project.id);
    other = new TusClient(elsewhere, project.id);
  });

  const fileOf = (name: string) => join(web.database.config.filesRoot, project.ownerId, project.id, name);
  const partOf = (address: string) =>
    join(web.database.config.filesRoot, project.ownerId, '.staging', `${project.id}.${address.split('/').at(-1)}.part`);
  const lies = (address: string, bytes: number) => until(() => existsSync(partOf(address)) && statSync(partOf(address)).size >= bytes);

  it.each(['the same process', 'another process'])(
    'the second of them is told to wait, in %s, while the first one sends',
    async (where) => {
      const name = `${where}.bin`;
      const address = await client.begin(name, content.length);
      const first = await slowAppend(browser, client, address, 0, content.length);
      await first.write(content.subarray(0, MEGABYTE));
      await lies(address, MEGABYTE);
      const rival = where === 'the same process' ? new TusClient(browser, project.id) : other;
      await rival.headers();
      const rivals = { areTrying: true };
      const attempts = Promise.all([
        rival.append(address, MEGABYTE, Buffer.alloc(1000, 'rival')),
        rival.append(address, 0, Buffer.alloc(1000, 'rival')),
        rival.end(address),
      ]).finally(() => (rivals.areTrying = false));
      let sent = MEGABYTE;
      while (rivals.areTrying) {
        await first.write(content.subarray(sent, sent + 10_000));
        sent += 10_000;
        await sleep(200);
      }
      for (const { status } of await attempts) expect(status).toBe(423);
      await first.write(content.subarray(sent));
      first.end();
      expect(await first.answer).toEqual({ status: 204, offset: content.length });
      expect(readFileSync(fileOf(name)).equals(content)).toBe(true);
    },
    30_000,
  );

  it.each(['the same process', 'another process'])(
    'the second of them goes on, in %s, when the first one has lost its connection without a word',
    async (where) => {
      const name = `silent, ${where}.bin`;
      const address = await client.begin(name, content.length);
      const first = await slowAppend(browser, client, address, 0, content.length);
      await first.write(content.subarray(0, MEGABYTE));
      await lies(address, MEGABYTE);
      const heir = where === 'the same process' ? new TusClient(browser, project.id) : other;
      await until(async () => (await heir.look(address)).status === 200, 12_000);
      const { headers } = await heir.look(address);
      expect(headers['upload-offset']).toBe(String(MEGABYTE));
      expect((await heir.append(address, 0, content)).status).toBe(409);
      expect((await heir.append(address, MEGABYTE, content.subarray(MEGABYTE))).status).toBe(204);
      first.hangUp();
      expect(readFileSync(fileOf(name)).equals(content)).toBe(true);
    },
    30_000,
  );

  it('a client that says nothing for UPLOAD_SILENCE is cut off, and what it sent is kept', async () => {
    const address = await client.begin('cut.bin', content.length);
    const first = await slowAppend(browser, client, address, 0, content.length);
    await first.write(content.subarray(0, MEGABYTE));
    const begin = Date.now();
    expect(await first.answer).toEqual({ status: 204, offset: MEGABYTE });
    expect(Date.now() - begin).toBeGreaterThan(2500);
    expect(Date.now() - begin).toBeLessThan(8000);
    expect((await client.look(address)).headers['upload-offset']).toBe(String(MEGABYTE));
    expect((await client.append(address, MEGABYTE, content.subarray(MEGABYTE))).status).toBe(204);
    expect(readFileSync(fileOf('cut.bin')).equals(content)).toBe(true);
  }, 20_000);

  it('a slow client is not cut off while it sends', async () => {
    const small = content.subarray(0, 11);
    const address = await client.begin('slow.bin', small.length);
    const first = await slowAppend(browser, client, address, 0, small.length);
    for (const byte of small) {
      await first.write(Buffer.of(byte));
      await sleep(350);
    }
    first.end();
    expect(await first.answer).toEqual({ status: 204, offset: small.length });
    expect(readFileSync(fileOf('slow.bin')).equals(small)).toBe(true);
  }, 20_000);

  it('both at the same instant, again and again, in two processes: each byte arrives once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const name = `race ${round}.bin`;
      const address = await client.begin(name, content.length);
      let offset = 0;
      while (offset < content.length) {
        const end = Math.min(content.length, offset + 1_100_000);
        const piece = content.subarray(offset, end);
        const statuses = (await Promise.all([client.append(address, offset, piece), other.append(address, offset, piece)])).map(
          ({ status }) => status,
        );
        expect(statuses.toSorted((a, b) => a - b)).toEqual([204, 409]);
        offset = end;
      }
      expect(readFileSync(fileOf(name)).equals(content)).toBe(true);
    }
    expect(readdirSync(join(web.database.config.filesRoot, project.ownerId, '.staging')).filter((name) => name.endsWith('.part'))).toEqual(
      [],
    );
  }, 30_000);

  it('a process that stood still past its lease writes nothing more when it wakes up', async () => {
    const third = await startWebProcess(product, web.database, { UPLOAD_SILENCE: '60s' });
    try {
      const sleeper = third.browserOf(browser);
      const asleep = new TusClient(sleeper, project.id);
      const address = await client.begin('frozen.bin', content.length);
      const first = await slowAppend(sleeper, asleep, address, 0, content.length);
      await first.write(content.subarray(0, MEGABYTE));
      await lies(address, MEGABYTE);
      third.signal('SIGSTOP');
      void first.write(Buffer.alloc(MEGABYTE, 'late')).catch(() => undefined);
      await until(async () => (await client.look(address)).status === 200, 25_000);
      expect((await client.append(address, MEGABYTE, content.subarray(MEGABYTE, 2 * MEGABYTE))).status).toBe(204);
      third.signal('SIGCONT');
      const answer = await first.answer;
      expect(answer?.status ?? 423).toBe(423);
      expect((await client.append(address, 2 * MEGABYTE, content.subarray(2 * MEGABYTE))).status).toBe(204);
      expect(readFileSync(fileOf('frozen.bin')).equals(content)).toBe(true);
    } finally {
      third.signal('SIGCONT');
      await third.kill();
    }
  }, 60_000);
});
