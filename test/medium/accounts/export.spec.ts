import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { DataSource } from 'typeorm';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { parseEntryPath } from '../../../src/common/files/entry-name';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { Session } from '../../../src/common/users/session.entity';
import { User } from '../../../src/common/users/user.entity';
import { ShareLinks } from '../../../src/web/shares/share-links';
import { fetchBytes } from '../../archive-steps';
import { aNewRun } from '../../factories';
import { until } from '../../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const LARGE = Buffer.alloc(2_500_000, 'a longer text that repeats itself. ');

describe('everything of an account as one archive', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let person: User;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    const { email } = await browser.signUp();
    person = await web.app.get(DataSource).getRepository(User).findOneByOrFail({ email });
  });
  afterAll(() => web?.close());

  const create = (ownerId: string, name: string) => web.app.get(ProjectCreation, { strict: false }).create(ownerId, name);
  const folderOf = (project: { id: string; ownerId: string }) => join(web.database.config.filesRoot, project.ownerId, project.id);
  const enqueue = (projectId: string, parameters: object, ownerId = person.id) =>
    web.app.get(QueueStore, { strict: false }).enqueue(aNewRun({ projectId, ownerId, parameters: { ...parameters } }));

  /** Content by name, read as strictly as there is a reader. */
  async function unpack(bytes: Buffer): Promise<Map<string, string>> {
    const options = { strictness: 'strict', checkCrc32: true, checkOverlappingEntry: true, useWebWorkers: false } as const;
    const all = new Map<string, string>();
    for (const entry of await new ZipReader(new Uint8ArrayReader(bytes), options).getEntries()) {
      all.set(entry.filename, entry.directory ? '' : Buffer.from(await entry.getData(new Uint8ArrayWriter())).toString());
    }
    return all;
  }

  it('holds files and results of all projects, and what is known of them, and nothing of others', async () => {
    const [slide, twin, odd] = [await create(person.id, 'A/B'), await create(person.id, 'A:B'), await create(person.id, 'account.json')];
    writeFileSync(join(folderOf(slide), '\u00fcber.txt'), 'umlaut');
    writeFileSync(join(folderOf(twin), 'large.txt'), LARGE);
    const { runId } = await enqueue(slide.id, { sigma: 2 });
    mkdirSync(join(folderOf(slide), 'runs', String(runId)), { recursive: true });
    writeFileSync(join(folderOf(slide), 'runs', String(runId), 'cells.csv'), 'a,b\n');
    for (let n = 0; n < 3; n += 1)
      await web.app.get(QueueStore, { strict: false }).requestCancel((await enqueue(twin.id, { n })).runId, 'no');
    const { secret } = await web.app.get(ShareLinks, { strict: false }).make({ projectId: slide.id, runId: null, note: 'Ana', days: '7' });
    const other = web.browser();
    const { email } = await other.signUp();
    const stranger = await web.app.get(DataSource).getRepository(User).findOneByOrFail({ email });
    const theirs = await create(stranger.id, 'Theirs');
    writeFileSync(join(folderOf(theirs), 'secret.txt'), 'not yours');

    const { status, headers, bytes } = await fetchBytes(browser, '/account/export');
    expect([status, headers['content-type'], headers['content-length']]).toEqual([200, 'application/zip', String(bytes.length)]);
    const all = await unpack(bytes);
    const names = JSON.parse(all.get('projects.json')!) as { id: string; folder: string }[];
    const folder = (project: { id: string }) => names.find(({ id }) => id === project.id)!.folder;
    expect(new Set(names.map((one) => one.folder)).size).toBe(3);
    expect(all.get(`${folder(slide)}/\u00fcber.txt`)).toBe('umlaut');
    expect(all.get(`${folder(slide)}/runs/${runId}/cells.csv`)).toBe('a,b\n');
    expect(all.get(`${folder(twin)}/large.txt`)).toBe(LARGE.toString());
    expect(all.has(`${folder(odd)}/`)).toBe(true);
    expect([...all.values()].join('\n')).not.toContain('not yours');

    const runs = JSON.parse(all.get('runs.json')!) as { number: number; state: string; parameters: object; ended: string | null }[];
    expect(runs.map(({ state }) => state)).toEqual(['queued', 'cancelled', 'cancelled', 'cancelled']);
    expect(runs[0]).toMatchObject({ number: runId, project: slide.id, parameters: { sigma: 2 }, ended: null });
    expect(JSON.parse(all.get('account.json')!)).toMatchObject({ id: person.id, email: person.email });
    expect(JSON.parse(all.get('shares.json')!)).toMatchObject([{ note: 'Ana', project: slide.id }]);
    expect(JSON.parse(all.get('log-ins.json')!)).toHaveLength(1);
    const { manager } = web.app.get(DataSource);
    const [session] = await manager.getRepository(Session).findBy({ userId: person.id });
    const [share] = await manager.query<{ token_hash: string }[]>('SELECT token_hash FROM shares');
    const said = [
      'account.json',
      'projects.json',
      'runs.json',
      'presets.json',
      'shares.json',
      'people.json',
      'memberships.json',
      'log-ins.json',
      'tokens.json',
    ]
      .map((name) => all.get(name))
      .join();
    for (const hidden of [person.passwordHash!, session.idHash, share.token_hash, secret]) expect(said).not.toContain(hidden);
  });

  it('goes on where it was broken off, once all checksums are known, and leaves no handle open', async () => {
    const digests = web.app.get(FileDigests, { strict: false });
    for (const { id, ownerId } of await web.app
      .get(DataSource)
      .query<{ id: string; ownerId: string }[]>(`SELECT id, owner_id AS ownerId FROM projects WHERE owner_id = ?`, [person.id])) {
      const directory = web.app.get(ProjectFiles, { strict: false }).of({ id, homeId: ownerId });
      for (const { path } of (await directory.findFiles([], { most: 100 })).files) {
        await digests.compute(id, directory, parseEntryPath(path.map(String).join('/')));
      }
    }
    const whole = await fetchBytes(browser, '/account/export');
    const handles = () => readdirSync('/proc/self/fd').length;
    const before = handles();
    expect(whole.headers['accept-ranges']).toBe('bytes');
    const rest = await fetchBytes(browser, '/account/export', { range: `bytes=1000-`, 'if-range': String(whole.headers['etag']) });
    expect([rest.status, rest.bytes.equals(whole.bytes.subarray(1000))]).toEqual([206, true]);
    const end = await fetchBytes(browser, '/account/export', { range: 'bytes=-3000' });
    expect(end.bytes.equals(whole.bytes.subarray(-3000))).toBe(true);
    await until(() => handles() <= before);
    expect(readdirSync(join(web.database.config.filesRoot, person.id, '.staging'))).toEqual([]);
  });
});
