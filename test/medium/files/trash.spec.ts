import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError, NotFoundError } from '../../../src/common/errors';
import { parseEntryPath } from '../../../src/common/files/entry-name';
import type { Project } from '../../../src/common/projects/project.entity';
import { Trash } from '../../../src/common/trash/trash';
import { createProject } from '../../project-steps';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { until } from '../../until';

describe('the trash of a project', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let folder: string;
  let trash: Trash;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp();
    trash = web.app.get(Trash, { strict: false });
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Trash ${(count += 1)}`);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    mkdirSync(join(folder, 'sub', 'deep'), { recursive: true });
    for (const name of ['a.txt', 'b.txt', 'sub/c.txt', 'sub/deep/d.txt']) writeFileSync(join(folder, name), name);
  });

  const remove = (path: string, ...names: string[]) =>
    trash.delete(
      project,
      parseEntryPath(path),
      names.map((name) => Buffer.from(name)),
      { displayName: 'Ada' },
    );
  const list = async () => (await trash.list(project, { from: 0, most: 10 })).deletions;
  const bins = () =>
    readdirSync(join(web.database.config.filesRoot, project.ownerId, '.staging')).filter((name) => name.startsWith(project.id));

  const bin = (id = '') => join(web.database.config.filesRoot, project.ownerId, '.staging', `${project.id}.${id}.trash`);
  const allBelow = (path: string) => readdirSync(path, { recursive: true });

  it('tells what, from where, how much and by whom, the latest first', async () => {
    const first = await remove('', 'a.txt', 'sub');
    const second = await remove('', 'b.txt');
    expect((await list()).map(({ id }) => id)).toEqual([second.id, first.id]);
    const page = async (query: string) => mainOf(await browser.get(`/projects/${project.id}/trash${query}`));
    expect((await page('')).replace(/<[^>]*>/g, '')).toContain('33 bytes in 4 files, from 2 deletions.');
    const order = (html: string) => [...html.matchAll(/class="name clip" title="([^"]*)"/g)].map(([, names]) => names);
    expect(order(await page(''))).toEqual(['b.txt', 'a.txt, sub']);
    expect(order(await page('?sort=size'))).toEqual(['a.txt, sub', 'b.txt']);
    expect((await list())[1]).toMatchObject({ names: ['a.txt', 'sub'], entries: 2, files: 3, bytes: 28, complete: true, byName: 'Ada' });
  });

  it('gives back into the folder it came from, also when that is gone', async () => {
    const { id } = await remove('sub/deep', 'd.txt');
    rmSync(join(folder, 'sub'), { recursive: true });
    expect((await trash.restore(project, id)).names).toEqual(['d.txt']);
    expect(readFileSync(join(folder, 'sub/deep/d.txt'), 'utf8')).toBe('sub/deep/d.txt');
    expect([await list(), bins()]).toEqual([[], []]);
    await expect(trash.restore(project, id)).rejects.toThrow(NotFoundError);
  });

  it('gives back into the project when something else has the name of the folder', async () => {
    const { id } = await remove('sub/deep', 'd.txt');
    rmSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'sub'), 'a file now');
    expect((await trash.restore(project, id)).folder).toEqual([]);
    expect(readFileSync(join(folder, 'd.txt'), 'utf8')).toBe('sub/deep/d.txt');
  });

  it('keeps nothing of a deletion of what is not there, and the rest of one that met something gone', async () => {
    await expect(remove('', 'nothing.txt')).rejects.toThrow(NotFoundError);
    expect([await list(), bins()]).toEqual([[], []]);
    expect(await remove('', 'nothing.txt', 'a.txt')).toMatchObject({ names: ['a.txt'], entries: 1 });
  });

  it('is emptied for good, one deletion or all', async () => {
    const { id } = await remove('', 'a.txt');
    await remove('', 'b.txt');
    await remove('', 'sub');
    expect(await trash.empty(project, id)).toBe(1);
    expect([(await list()).length, bins().length]).toEqual([2, 2]);
    expect(await trash.empty(project)).toBe(2);
    expect([await list(), bins()]).toEqual([[], []]);
    await expect(trash.empty(project, id)).rejects.toThrow(NotFoundError);
  });

  it('is no way to what another project deleted', async () => {
    const { id } = await remove('', 'a.txt');
    const other = await createProject(web, browser, `Other ${count}`);
    await expect(trash.restore(other, id)).rejects.toThrow(NotFoundError);
    await expect(trash.empty(other, id)).rejects.toThrow(NotFoundError);
    expect(await trash.empty(other)).toBe(0);
    expect(await list()).toHaveLength(1);
  });

  it('goes with its project', async () => {
    await remove('', 'sub');
    const answer = await browser.postForm(`/projects/${project.id}/delete`, { typed: project.name }, { page: '/projects' });
    expect(answer.status).toBe(303);
    await until(async () => bins().length === 0 && (await list()).length === 0);
    expect(existsSync(folder)).toBe(false);
  });

  it('loses nothing of a deletion that is brought back before it is over', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `n${index}.txt`);
    for (const name of names) writeFileSync(join(folder, name), name);
    const deleting = remove('', ...names);
    await until(async () => existsSync(join(bin((await list())[0]?.id), 'n20.txt')));
    const [{ id }] = await list();
    await Promise.allSettled([deleting, trash.restore(project, id)]);
    const inTrash = existsSync(bin(id)) ? readdirSync(bin(id)) : [];
    expect([...readdirSync(folder), ...inTrash].filter((name) => name.startsWith('n')).sort()).toEqual([...names].sort());
    expect(await list()).toHaveLength(inTrash.length > 0 ? 1 : 0);
  });

  it('brings nothing back that is being deleted for good, or it would come back in part', async () => {
    mkdirSync(join(folder, 'large'));
    for (let index = 0; index < 3000; index += 1) writeFileSync(join(folder, 'large', `n${index}.txt`), '');
    const deletion = await remove('', 'large');
    const count = () => allBelow(join(web.database.config.filesRoot, project.ownerId, '.staging')).length;
    const before = count();
    const removing = trash.remove(deletion);
    await until(async () => count() < before - 10, 5000);
    await expect(trash.restore(project, deletion.id)).rejects.toThrow(NotFoundError);
    await removing;
    expect([existsSync(join(folder, 'large')), await list(), bins()]).toEqual([false, [], []]);
  });

  it('is emptied to the end when that was interrupted', async () => {
    const deletion = await remove('', 'sub');
    renameSync(bin(deletion.id), join(bin(deletion.id), '..', `${project.id}.${deletion.id}.deleted`));
    expect(await trash.remove(deletion)).toEqual({ files: 2, bytes: 23 });
    expect([await list(), bins()]).toEqual([[], []]);
  });

  it('never takes the folder of all results', async () => {
    mkdirSync(join(folder, 'runs'));
    await expect(remove('', 'runs')).rejects.toThrow(ConflictError);
  });
});
