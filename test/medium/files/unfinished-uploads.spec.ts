import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { Upload } from '../../../src/common/uploads/upload.entity';
import type { Project } from '../../../src/common/projects/project.entity';
import { createProject } from '../../project-steps';
import { refusal, slowAppend, TusClient } from '../../tus';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

interface Listed {
  uploads: { id: string; name: string; path: string; size: number; received: number; modifiedMs: number | null; isActive: boolean }[];
  more: number;
}

describe('uploads that wait for their rest', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let client: TusClient;
  let folder: string;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Unfinished ${(count += 1)}`);
    client = new TusClient(browser, project.id);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
  });

  const list = async () => JSON.parse((await client.ask(client.endpoint, 'GET')).body) as Listed;
  const idOf = (address: string) => address.split('/').at(-1)!;
  const page = async () => mainOf(await browser.get(`/projects/${project.id}`));
  const discard = (id: string, from = browser) => from.postForm(`/projects/${project.id}/uploads/${id}/discard`, {}, { page: '/projects' });
  const folders = (fields: [string, string][]) =>
    browser.postForm(`/projects/${project.id}/uploads/folders`, fields, { page: '/projects' });
  const parts = () => readdirSync(join(folder, '..', '.staging')).filter((name) => name.startsWith(project.id) && name.endsWith('.part'));

  it('are listed for scripts and on the page, with what has arrived, until they have arrived', async () => {
    expect(await list()).toEqual({ uploads: [], more: 0 });
    mkdirSync(join(folder, 'day 1'));
    const metadata = { folder: 'day 1', relativePath: 'scans/a.tif', modified: '1700000000000' };
    const address = await client.begin('a.tif', 10, { metadata, content: 'hello' });
    const whole = await client.create('whole.tif', 5, { content: 'hello' });
    const { uploads, more } = await list();
    expect([uploads.length, more]).toEqual([1, 0]);
    const path = 'day 1/scans/a.tif';
    expect(uploads[0]).toMatchObject({
      id: idOf(address),
      name: path,
      path,
      size: 10,
      received: 5,
      modifiedMs: 1_700_000_000_000,
      isActive: false,
    });
    const shown = await page();
    expect(shown).toContain('day 1/scans/a.tif');
    expect(shown).toContain('5 bytes of 10 bytes arrived');
    expect(shown).not.toContain(`data-unfinished="${idOf(whole.location!)}"`);
    await client.append(address, 5, 'world');
    expect(await list()).toEqual({ uploads: [], more: 0 });
    expect(await page()).not.toContain('data-unfinished');
  });

  it('show what really lies there, also after a crash that left their row behind', async () => {
    const address = await client.begin('a.tif', 10);
    writeFileSync(join(folder, '..', '.staging', `${project.id}.${idOf(address)}.part`), 'hello!');
    expect((await list()).uploads[0]).toMatchObject({ received: 6, modifiedMs: null });
    expect((await client.append(address, 6, 'you.')).headers['upload-outcome']).toBe('stored');
  });

  it('are given up by a form, but not by others, and not once they have arrived', async () => {
    const address = await client.begin('<b>a</b>.tif'.replaceAll(/[<>/]/g, '_'), 10, { content: 'hello' });
    const stranger = web.browser();
    await stranger.signUp();
    expect((await discard(idOf(address), stranger)).status).toBe(404);
    expect((await browser.postBody(`/projects/${project.id}/uploads/${idOf(address)}/discard`, '')).status).toBe(403);
    const answer = await discard(idOf(address));
    expect([answer.status, answer.location]).toEqual([303, `/projects/${project.id}`]);
    expect(await page()).toContain('What had arrived of _b_a__b_.tif was removed.');
    expect([parts(), await list()]).toEqual([[], { uploads: [], more: 0 }]);
    expect((await discard(idOf(address))).status).toBe(404);
    const whole = await client.create('whole.tif', 5, { content: 'hello' });
    expect((await discard(idOf(whole.location!))).status).toBe(409);
    expect(readdirSync(folder)).toEqual(['whole.tif']);
  });

  it('say when somebody sends them just now, and are not given up meanwhile', async () => {
    const address = await client.begin('a.tif', 1000);
    const sending = await slowAppend(browser, client, address, 0, 1000);
    await sending.write('hello');
    await until(async () => (await list()).uploads[0]?.isActive ?? false);
    expect(await page()).toContain('is being sent by another tab or browser just now');
    const pulse = setInterval(() => void sending.write('.'), 300);
    expect((await discard(idOf(address))).status).toBe(423);
    clearInterval(pulse);
    sending.hangUp();
    await until(async () => !((await list()).uploads[0]?.isActive ?? true));
    expect((await list()).uploads[0].received).toBeGreaterThanOrEqual(5);
  }, 20_000);

  it('go with their project', async () => {
    await client.begin('a.tif', 10, { content: 'hello' });
    const done = await client.create('b.tif', 5, { content: 'hello' });
    expect(done.status).toBe(201);
    const answer = await browser.postForm(`/projects/${project.id}/delete`, { typed: project.name }, { page: '/projects' });
    expect(answer.status).toBe(303);
    await until(() => !existsSync(join(folder, '..', '.staging')) || parts().length === 0);
    const rows = web.app.get(DataSource).getRepository(Upload);
    await until(async () => (await rows.countBy({ projectId: project.id })) === 0);
  });

  it('find no project to be put into when it was deleted meanwhile', async () => {
    const address = await client.begin('a.tif', 10, { content: 'hello' });
    const sending = await slowAppend(browser, client, address, 5, 5);
    await sending.write('wor');
    await until(() => statSync(join(folder, '..', '.staging', parts()[0])).size === 8);
    await web.app.get(DataSource).query(`DELETE FROM projects WHERE id = '${project.id}'`);
    await sending.write('ld');
    sending.end();
    expect((await sending.answer)?.status).toBe(404);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('make the empty folders of a dropped folder, by the rules of names', async () => {
    mkdirSync(join(folder, 'day 1'));
    const answer = await folders([
      ['folder', 'day 1'],
      ['path', 'a/b'],
      ['path', 'c'],
      ['path', 'Mu\u0308ller'],
    ]);
    expect(answer.status).toBe(204);
    expect(readdirSync(join(folder, 'day 1')).sort()).toEqual(['M\u00fcller', 'a', 'c']);
    expect(readdirSync(join(folder, 'day 1', 'a'))).toEqual(['b']);
    expect((await folders([['path', 'day 1/a']])).status).toBe(204);
    writeFileSync(join(folder, 'file'), 'x');
    symlinkSync(web.database.folder, join(folder, 'out'));
    for (const [path, status] of [
      ['../x', 422],
      ['a//b', 422],
      ['CON', 422],
      ['', 422],
      ['runs/7', 422],
      ['runs', 422],
      ['file/x', 404],
      ['out/x', 404],
      [`${'deep/'.repeat(70)}x`, 422],
    ] as const) {
      expect([path, (await folders([['path', path]])).status]).toEqual([path, status]);
    }
    expect(
      (
        await folders([
          ['folder', 'nowhere'],
          ['path', 'x'],
        ])
      ).status,
    ).toBe(404);
    expect((await folders(Array.from({ length: 1001 }, (_, index): [string, string] => ['path', `many ${index}`]))).status).toBe(422);
    expect(readdirSync(folder).sort()).toEqual(['day 1', 'file', 'out']);
    expect(existsSync(join(web.database.folder, 'x'))).toBe(false);
  });

  it('refuse a metadata header without end, and stay what they were', async () => {
    const answer = await client.create('a.txt', 1, { headers: { 'upload-metadata': `filename ${'QUJD'.repeat(3000)}` } });
    expect(answer.status).toBe(422);
    expect(refusal(answer)).toBe('files.nameTooLong');
  });
});
