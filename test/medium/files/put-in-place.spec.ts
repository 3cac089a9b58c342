import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError, InvalidInputError, NotFoundError } from '../../../src/common/errors';
import { parseEntryPath, type EntryPath } from '../../../src/common/files/entry-name';
import { FileUses } from '../../../src/common/files/file-uses';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { PutInPlace, type NewEntry, type OnConflict } from '../../../src/common/files/put-in-place';
import { SafeDirectory } from '../../../src/common/files/safe-directory';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { Trash } from '../../../src/common/trash/trash';
import { text } from '../../../src/locales/text';
import { aNewRun } from '../../factories';
import { createProject } from '../../project-steps';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

/** Has a file until somebody moves it a second time: the first time its new name was taken. */
class Vanishing {
  private moves = 0;

  constructor(private readonly staging: SafeDirectory) {}

  stat(): { kind: string } {
    return { kind: 'file' };
  }

  async move(...to: Parameters<SafeDirectory['move']>): Promise<void> {
    this.moves += 1;
    if (this.moves === 1) throw new ConflictError('files.exists', { name: 'a.txt' });
    await this.staging.move(...to);
  }
}

/** A folder with nothing in it, where somebody does something else just when it is looked into. */
class Meddling {
  constructor(
    private readonly staging: SafeDirectory,
    private readonly meddle: () => void,
  ) {}

  stat(path: EntryPath): ReturnType<SafeDirectory['stat']> {
    this.meddle();
    return this.staging.stat(path);
  }

  move(...to: Parameters<SafeDirectory['move']>): Promise<void> {
    return this.staging.move(...to);
  }
}

describe('putting something new in its place', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let folder: string;
  let staging: SafeDirectory;
  let count = 0;
  const by = { displayName: 'Ada' };

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Putting ${(count += 1)}`);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    writeFileSync(join(folder, 'a.txt'), 'old');
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'x.txt'), 'old x');
    staging = await web.app.get(ProjectFiles, { strict: false }).staging(project.ownerId);
  });

  const put = async (to: string, onConflict: OnConflict, content: string | null = 'new') => {
    const part = [Buffer.from(`part-${count}`)];
    const path = join(web.database.config.filesRoot, project.ownerId, '.staging', `part-${count}`);
    if (content === null) mkdirSync(path, { recursive: true });
    else writeFileSync(path, content);
    const from = { directory: staging, path: part };
    const placed = await web.app.get(PutInPlace, { strict: false }).put(project, { from, to: parseEntryPath(to), onConflict, by });
    return { ...placed, path: placed.path.map(String).join('/') };
  };
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const run = async (parameters: Record<string, unknown>) => {
    const store = web.app.get(QueueStore, { strict: false });
    return (await store.enqueue(aNewRun({ projectId: project.id, ownerId: project.ownerId, parameters }))).runId;
  };

  it.each<OnConflict>(['keepBoth', 'replace', 'skip'])('takes a free name and makes the folders on the way: %s', async (onConflict) => {
    expect(await put('new/deep/b.txt', onConflict)).toEqual({ outcome: 'stored', path: 'new/deep/b.txt', deletion: null });
    expect(read('new/deep/b.txt')).toBe('new');
  });

  it('keeps both', async () => {
    expect(await put('a.txt', 'keepBoth')).toMatchObject({ outcome: 'renamed', path: 'a (2).txt' });
    expect([read('a.txt'), read('a (2).txt')]).toEqual(['old', 'new']);
  });

  it('skips', async () => {
    expect(await put('a.txt', 'skip')).toMatchObject({ outcome: 'skipped', path: 'a.txt' });
    expect(read('a.txt')).toBe('old');
    expect(await staging.exists([Buffer.from(`part-${count}`)])).toBe(true);
  });

  it('replaces, and the old one can be brought back beside the new one', async () => {
    const { outcome, deletion } = await put('a.txt', 'replace');
    expect([outcome, read('a.txt')]).toEqual(['replaced', 'new']);
    expect(deletion).toMatchObject({ names: ['a.txt'], folder: '', entries: 1, files: 1, bytes: 3, complete: true, byName: 'Ada' });
    await web.app.get(Trash, { strict: false }).restore(project, deletion!.id);
    expect([read('a.txt'), read('a (2).txt')]).toEqual(['new', 'old']);
  });

  it('replaces no folder by a file, and no file by a folder', async () => {
    await expect(put('sub', 'replace')).rejects.toThrow(ConflictError);
    await staging.remove([Buffer.from(`part-${count}`)]);
    await expect(put('a.txt', 'replace', null)).rejects.toThrow(ConflictError);
    expect([read('a.txt'), read('sub/x.txt')]).toEqual(['old', 'old x']);
  });

  it('brings the old one back when the new one does not get its place', async () => {
    const from = { directory: new Vanishing(staging), path: [Buffer.from('part')] } as unknown as NewEntry['from'];
    const putting = web.app
      .get(PutInPlace, { strict: false })
      .put(project, { from, to: parseEntryPath('a.txt'), onConflict: 'replace', by });
    await expect(putting).rejects.toThrow(NotFoundError);
    expect(read('a.txt')).toBe('old');
    expect((await web.app.get(Trash, { strict: false }).list(project, { from: 0, most: 10 })).total).toBe(0);
  });

  describe('several at once', () => {
    const part = (name: string, content = `new ${name}`) => {
      writeFileSync(join(folder, '..', '.staging', name), content);
      return { from: { directory: staging, path: [Buffer.from(name)] }, to: parseEntryPath(name), by };
    };
    const putAll = (entries: NewEntry[]) => web.app.get(PutInPlace, { strict: false }).putAll(project, entries);
    const inStaging = () => readdirSync(join(folder, '..', '.staging')).filter((name) => name.endsWith('.txt'));

    it('tells of each', async () => {
      const placed = await putAll([
        { ...part('a.txt'), onConflict: 'keepBoth' },
        { ...part('b.txt'), onConflict: 'keepBoth' },
      ]);
      expect(placed.map(({ outcome, path }) => [outcome, path.map(String).join('/')])).toEqual([
        ['renamed', 'a (2).txt'],
        ['stored', 'b.txt'],
      ]);
    });

    it('takes all of them back when there is no place for one, and brings back what they replaced', async () => {
      const missing: NewEntry = {
        from: { directory: staging, path: [Buffer.from('missing')] },
        to: parseEntryPath('z'),
        onConflict: 'skip',
        by,
      };
      const all: NewEntry[] = [{ ...part('a.txt'), onConflict: 'replace' }, { ...part('b.txt'), onConflict: 'keepBoth' }, missing];
      await expect(putAll(all)).rejects.toThrow(NotFoundError);
      expect([readdirSync(folder).sort(), read('a.txt')]).toEqual([['a.txt', 'sub'], 'old']);
      expect(inStaging().sort()).toEqual(['a.txt', 'b.txt']);
    });

    it('takes back nothing that somebody has changed or moved since, and the others all the same', async () => {
      const last = new Meddling(staging, () => {
        rmSync(join(folder, 'b.txt'));
        writeFileSync(join(folder, 'c.txt'), 'of somebody else');
      });
      const all: NewEntry[] = ['b.txt', 'c.txt', 'd.txt'].map((name) => ({ ...part(name), onConflict: 'keepBoth' }));
      const missing = { directory: last as unknown as SafeDirectory, path: [Buffer.from('missing')] };
      await expect(putAll([...all, { from: missing, to: parseEntryPath('z'), onConflict: 'keepBoth', by }])).rejects.toThrow('missing');
      expect([readdirSync(folder).sort(), read('c.txt')]).toEqual([['a.txt', 'c.txt', 'sub'], 'of somebody else']);
    });
  });

  it.each<OnConflict>(['keepBoth', 'replace', 'skip'])('ends what was killed between its two names: %s', async (onConflict) => {
    writeFileSync(join(folder, '..', '.staging', `part-${count}`), 'new');
    linkSync(join(folder, '..', '.staging', `part-${count}`), join(folder, 'b.txt'));
    expect(await put('b.txt', onConflict)).toEqual({ outcome: 'stored', path: 'b.txt', deletion: null });
    expect([read('b.txt'), statSync(join(folder, 'b.txt')).nlink]).toEqual(['new', 1]);
    expect(readdirSync(folder).sort()).toEqual(['a.txt', 'b.txt', 'sub']);
  });

  it('makes no folder for a project that was deleted meanwhile: nobody would ever find it', async () => {
    rmSync(folder, { recursive: true });
    await expect(put('new/deep/b.txt', 'keepBoth')).rejects.toThrow(text('errors.noSuchProject'));
    await expect(put('b.txt', 'keepBoth')).rejects.toThrow(NotFoundError);
    expect(existsSync(folder)).toBe(false);
  });

  it('replaces nothing that a run needs', async () => {
    const runId = await run({ image: 'project:a.txt' });
    await expect(put('a.txt', 'replace')).rejects.toThrow(`a.txt is needed by run #${runId}`);
    expect(read('a.txt')).toBe('old');
    expect(await put('a.txt', 'keepBoth')).toMatchObject({ path: 'a (2).txt' });
  });

  it('puts nothing among the results of runs, and leaves their folder its name', async () => {
    await expect(put('runs/7/x.txt', 'keepBoth')).rejects.toThrow(InvalidInputError);
    expect(await put('runs', 'keepBoth')).toMatchObject({ outcome: 'renamed', path: 'runs (2)' });
    expect(await put('runs', 'skip')).toMatchObject({ outcome: 'skipped' });
    expect(readdirSync(folder).sort()).toEqual(['a.txt', 'runs (2)', 'sub']);
  });

  it('knows every run that needs a path, what lies in it, or what it lies in', async () => {
    const first = await run({ image: 'project:sub/x.txt', others: ['project:a.txt', 'inbox:sub'], word: 'project:' });
    const second = await run({ folder: 'project:sub' });
    const uses = async (...paths: string[]) => {
      const found = await web.app.get(FileUses, { strict: false }).usesOf(project, paths.map(parseEntryPath));
      return found.map(({ path, runId, as }) => [path.map(String).join('/'), runId, as]);
    };
    expect(await uses('sub')).toEqual([
      ['sub', first, 'input'],
      ['sub', second, 'input'],
    ]);
    expect(await uses('a.txt', 'sub/y.txt', 'su', 'sub2')).toEqual([
      ['a.txt', first, 'input'],
      ['sub/y.txt', second, 'input'],
    ]);
    expect(await uses(`runs/${second}/out.csv`, 'runs/999')).toEqual([[`runs/${second}/out.csv`, second, 'results']]);
    await web.app.get(QueueStore, { strict: false }).requestCancel(second, 'test');
    expect(await uses('sub/y.txt')).toEqual([]);
  });
});
