import { createHash, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { identityKey } from '../../../src/common/files/file-identity';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { Project } from '../../../src/common/projects/project.entity';
import { Space } from '../../../src/common/space/space';
import { Upload } from '../../../src/common/uploads/upload.entity';
import { compileProduct, type Product } from '../../product';
import { createProject } from '../../project-steps';
import { slowAppend, TusClient } from '../../tus';
import { until } from '../../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { startWebProcess } from '../../web-process';

const MEGABYTE = 1_000_000;

/** The same holder, as if it had been on a machine that was started at another time. */
const otherFirst = (holder: string) => (holder.startsWith('a') ? 'b' : 'a') + holder.slice(1);

describe('an upload whose server dies', () => {
  let web: TestWebApp;
  let product: Product;
  let browser: TestBrowser;
  let project: Project;
  let client: TusClient;
  let folder: string;
  let staging: string;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp();
    product = compileProduct();
    browser = web.browser();
    await browser.signUp();
  }, 60_000);
  afterAll(async () => {
    await web.close();
    product.remove();
  });
  beforeEach(async () => {
    project = await createProject(web, browser, `Recovery ${(count += 1)}`);
    client = new TusClient(browser, project.id);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    staging = join(web.database.config.filesRoot, project.ownerId, '.staging');
  });

  const partOf = (address: string) => join(staging, `${project.id}.${address.split('/').at(-1)}.part`);
  const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
  const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0);
  const reserved = async () =>
    (await web.app.get(Space, { strict: false }).useOf({ id: project.ownerId, kind: 'account', isAdmin: false })).reserved;

  async function rememberedOf(name: string): Promise<string | undefined> {
    const identity = (await web.app
      .get(ProjectFiles, { strict: false })
      .of(project)
      .identify([Buffer.from(name)]))!;
    return (await web.app.get(FileDigests, { strict: false }).find(project.id, [identity])).get(identityKey(identity))?.sha256;
  }

  it('by kill -9 in the middle of a request goes on where the file ends, with the right checksums', async () => {
    const content = randomBytes(8 * MEGABYTE);
    const first = await startWebProcess(product, web.database);
    const sender = first.browserOf(browser);
    const sending = new TusClient(sender, project.id);
    const address = await sending.begin('killed.bin', content.length);
    const acknowledged = await sending.append(address, 0, content.subarray(0, 2 * MEGABYTE));
    expect(acknowledged.headers['upload-offset']).toBe(String(2 * MEGABYTE));
    const cut = await slowAppend(sender, sending, address, 2 * MEGABYTE, 6 * MEGABYTE);
    await cut.write(content.subarray(2 * MEGABYTE, 5 * MEGABYTE));
    await until(() => sizeOf(partOf(address)) >= 4 * MEGABYTE);
    await first.kill();
    expect(await cut.answer).toBeUndefined();

    const again = await startWebProcess(product, web.database, {}, first.port);
    try {
      await until(async () => (await sending.look(address)).status === 200, 20_000);
      const offset = Number((await sending.look(address)).headers['upload-offset']);
      expect(offset).toBe(sizeOf(partOf(address)));
      expect(offset).toBeGreaterThanOrEqual(4 * MEGABYTE);
      const last = await sending.append(address, offset, content.subarray(offset));
      expect([last.status, last.headers['upload-outcome']]).toEqual([204, 'stored']);
    } finally {
      await again.stop();
    }
    expect(readFileSync(join(folder, 'killed.bin')).equals(content)).toBe(true);
    expect(await rememberedOf('killed.bin')).toBe(sha256(content));
  }, 60_000);

  it('after the last byte and before the answer: a look puts it in place, and says so', async () => {
    const content = randomBytes(1000);
    const address = await client.begin('whole.bin', content.length);
    writeFileSync(partOf(address), content);
    const { status, headers } = await client.look(address);
    expect([status, headers['upload-offset'], headers['upload-outcome']]).toEqual([200, '1000', 'stored']);
    expect(readFileSync(join(folder, 'whole.bin')).equals(content)).toBe(true);
    expect(await rememberedOf('whole.bin')).toBe(sha256(content));
    expect(await reserved()).toEqual({ bytes: 0, files: 0 });
  });

  it('just before the file got its name: it gets it now', async () => {
    const address = await client.begin('a.bin', 1000);
    writeFileSync(partOf(address), randomBytes(1000));
    expect((await client.append(address, 1000, '')).headers['upload-outcome']).toBe('stored');
    expect(readdirSync(folder)).toEqual(['a.bin']);
    expect(existsSync(partOf(address))).toBe(false);
  });

  it.each([
    ['its own name', 'a.bin', 'stored'],
    ['a name with a number', 'a (3).bin', 'renamed'],
  ])('just after the file got %s: it is not stored twice', async (_what, name, outcome) => {
    for (const taken of ['a.bin', 'a (2).bin'].slice(0, name === 'a.bin' ? 0 : 2)) writeFileSync(join(folder, taken), 'older');
    const address = await client.begin('a.bin', 1000, { metadata: { onConflict: 'keepBoth' } });
    writeFileSync(partOf(address), randomBytes(1000));
    renameSync(partOf(address), join(folder, name));
    const before = readdirSync(folder);
    const { headers } = await client.look(address);
    expect([headers['upload-outcome'], decodeURIComponent(String(headers['upload-stored-as']))]).toEqual([outcome, name]);
    expect(readdirSync(folder)).toEqual(before);
    expect(await reserved()).toEqual({ bytes: 0, files: 0 });
  });

  it('while the file had two names: one of them goes, and it can be downloaded', async () => {
    const address = await client.begin('a.bin', 1000);
    writeFileSync(partOf(address), randomBytes(1000));
    linkSync(partOf(address), join(folder, 'a.bin'));
    expect((await client.look(address)).headers['upload-outcome']).toBe('stored');
    expect([readdirSync(folder), existsSync(partOf(address)), statSync(join(folder, 'a.bin')).nlink]).toEqual([['a.bin'], false, 1]);
    expect((await browser.get(`/projects/${project.id}/files/a.bin`)).status).toBe(200);
  });

  it('and whose folder cannot take it any more keeps what it has, and says why', async () => {
    const address = await client.begin('x', 5, { metadata: { relativePath: 'sub/x' } });
    writeFileSync(join(folder, 'sub'), 'now a file');
    expect((await client.append(address, 0, 'hello')).status).toBe(404);
    expect(sizeOf(partOf(address))).toBe(5);
    renameSync(join(folder, 'sub'), join(folder, 'other'));
    mkdirSync(join(folder, 'sub'));
    expect((await client.look(address)).headers['upload-outcome']).toBe('stored');
    expect(readFileSync(join(folder, 'sub', 'x'), 'utf8')).toBe('hello');
  });

  it.each([
    ['on this machine is known to be dead: its successor goes on at once', false, 200],
    ['on another one may be alive: its upload is locked until its lease is over', true, 423],
  ])(
    'by kill -9 %s',
    async (_where, elsewhere, status) => {
      const content = randomBytes(2 * MEGABYTE);
      const first = await startWebProcess(product, web.database);
      const sender = first.browserOf(browser);
      const sending = new TusClient(sender, project.id);
      const address = await sending.begin('held.bin', content.length);
      const cut = await slowAppend(sender, sending, address, 0, content.length);
      await cut.write(content.subarray(0, MEGABYTE));
      await until(() => sizeOf(partOf(address)) === MEGABYTE);
      await first.kill();
      expect(await cut.answer).toBeUndefined();
      const rows = web.app.get(DataSource).getRepository(Upload);
      const { lockHolder } = await rows.findOneByOrFail({ projectId: project.id });
      if (elsewhere) await rows.update({ projectId: project.id }, { lockHolder: otherFirst(lockHolder!) });
      const again = new TusClient(browser, project.id);
      expect((await again.look(address)).status).toBe(status);
      const rest = await again.append(address, MEGABYTE, content.subarray(MEGABYTE));
      expect([rest.status, rest.headers['upload-outcome']]).toEqual(elsewhere ? [423, undefined] : [204, 'stored']);
    },
    60_000,
  );
});
