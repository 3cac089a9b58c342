import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { parseEntryPath } from '../../../src/common/files/entry-name';
import { identityOf } from '../../../src/common/files/file-identity';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { FileTask } from '../../../src/common/file-tasks/file-task.entity';
import { FileTasksRepository } from '../../../src/common/file-tasks/file-tasks.repository';
import type { Project } from '../../../src/common/projects/project.entity';
import { TREE, type ExtractBrief } from '../../../src/web/archives/extract/extract-brief';
import { ExtractKind } from '../../../src/web/archives/extract/extract.kind';
import { BAD_ARCHIVES, unknownField } from '../../bad-archives';
import { endedTask, everythingOf, extract, folderOf, putFile, taskOf } from '../../archive-steps';
import { createProject } from '../../project-steps';
import { until } from '../../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { unicodePath, writeZip } from '../../zip-writer';

const AT_ONCE = 15;

describe('unpacking an archive', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;

  beforeAll(async () => {
    web = await startTestWebApp({ USER_SPACE: '25 MB' });
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => (project = await createProject(web, browser, expect.getState().currentTestName!.slice(-190))));

  const inProject = () =>
    everythingOf(web, project)
      .filter((line) => line.startsWith(`${project.id}/`))
      .map((line) => line.slice(project.id.length + 1))
      .filter((line) => line !== '');

  async function unpack(bytes: Buffer, name = 'Plate 7.zip', into: 'here' | 'folder' = 'folder') {
    putFile(web, project, name, bytes);
    expect((await extract(browser, project, name, { into })).status).toBe(303);
    return endedTask(web, project, name);
  }

  it('makes a folder of its name, beside it, with all that is in it', async () => {
    const bytes = writeZip([
      { name: 'a.txt', content: 'aaa' },
      { name: 'deep/er/b.txt', content: 'b'.repeat(100_000), method: 8 },
      { name: 'empty/', mode: 0o042755 },
      { name: 'run.sh', content: '#!/bin/sh', mode: 0o100755 },
    ]);
    const task = await unpack(bytes);
    expect(task).toMatchObject({ state: 'done', note: '3 files were unpacked into Plate 7.', resultPath: 'Plate 7' });
    expect(inProject()).toEqual([
      'Plate 7.zip',
      'Plate 7/',
      'Plate 7/a.txt: aaa',
      'Plate 7/deep/',
      'Plate 7/deep/er/',
      `Plate 7/deep/er/b.txt: ${'b'.repeat(100_000)}`,
      'Plate 7/empty/',
      'Plate 7/run.sh: #!/bin/sh',
    ]);
    const { mode, mtimeMs } = statSync(join(folderOf(web, project), 'Plate 7', 'run.sh'));
    expect([mode & 0o7777, new Date(mtimeMs).getFullYear()]).toEqual([0o640, 2021]);
    const { body } = await browser.get(`/projects/${project.id}`);
    expect(body).toContain('3 files were unpacked into Plate 7.');
  });

  it('keeps what is there already under its name, whole or part', async () => {
    mkdirSync(join(folderOf(web, project), 'Plate 7'));
    putFile(web, project, 'a.txt', 'mine');
    expect(await unpack(writeZip([{ name: 'a.txt', content: 'new' }]))).toMatchObject({ state: 'done', resultPath: 'Plate 7 (2)' });
    await unpack(writeZip([{ name: 'a.txt', content: 'new' }, { name: 'b.txt' }, { name: 'runs/c.txt' }]), 'here.zip', 'here');
    expect(inProject()).toEqual([
      'Plate 7 (2)/',
      'Plate 7 (2)/a.txt: new',
      'Plate 7.zip',
      'Plate 7/',
      'a (2).txt: new',
      'a.txt: mine',
      'b.txt: ',
      'here.zip',
      'runs (2)/',
      'runs (2)/c.txt: ',
    ]);
  });

  it('does not put the one folder of an archive into another one', async () => {
    expect(await unpack(writeZip([{ name: 'Plate/a.txt', content: 'a' }]), 'archive.zip')).toMatchObject({ resultPath: 'Plate' });
    expect(inProject()).toEqual(['Plate/', 'Plate/a.txt: a', 'archive.zip']);
  });

  it('never unpacks what it has unpacked', async () => {
    const inner = writeZip([{ name: 'inner.txt', content: 'inner' }]);
    expect(await unpack(writeZip([{ name: 'inner.zip', content: inner }]))).toMatchObject({ state: 'done' });
    expect(inProject()).toEqual(['Plate 7.zip', 'Plate 7/', 'Plate 7/inner.zip']);
  });

  describe('that is fine', () => {
    const deep = `${'d/'.repeat(31)}deep.txt`;
    it.each<[string, () => Buffer, string[]]>([
      ['ok', () => writeZip([{ name: 'a.txt', content: 'a' }]), ['a.txt: a']],
      ['ok-nfd-name', () => writeZip([{ name: 'e\u0301.txt', content: 'a' }]), ['\u00e9.txt: a']],
      ['empty-zip', () => writeZip([]), []],
      [
        'from-a-pipe',
        () => writeZip([{ name: 'a.txt', content: 'a'.repeat(50), method: 8, descriptor: true }]),
        [`a.txt: ${'a'.repeat(50)}`],
      ],
      ['from-a-pipe-stored', () => writeZip([{ name: 'a.txt', content: 'aa', descriptor: true }, { name: 'b' }]), ['a.txt: aa', 'b: ']],
      [
        'macos',
        () => writeZip(['a.txt', '__MACOSX/._a.txt', '.DS_Store', 'sub/.DS_Store', 'sub/._x'].map((name) => ({ name, content: 'a' }))),
        ['a.txt: a'],
      ],
      [
        'cp437',
        () => writeZip([{ name: Buffer.from([0x81, 0x62, 0x65, 0x72, 0x2e, 0x74, 0x78, 0x74]), content: 'a' }]),
        ['\u00fcber.txt: a'],
      ],
      ['utf8-without-flag', () => writeZip([{ name: Buffer.from('\u00fcber.txt'), content: 'a' }]), ['\u00fcber.txt: a']],
      [
        'unicode-extra',
        () => {
          const extra = unicodePath('a?.txt', 'a\u00fc.txt');
          return writeZip([{ name: Buffer.from('a?.txt'), content: 'a', extra, localExtra: extra }]);
        },
        ['a\u00fc.txt: a'],
      ],
      ['zip64', () => writeZip([{ name: 'a.txt', content: 'a' }], { large: {} }), ['a.txt: a']],
      ['comment', () => writeZip([{ name: 'a.txt', content: 'a' }], { comment: Buffer.from('made by a person') }), ['a.txt: a']],
      ['unknown-field', () => writeZip([{ name: 'a.txt', content: 'a', extra: unknownField }]), ['a.txt: a']],
      [
        'zarr',
        () => writeZip(['.zarray', '.zattrs', '0/.zgroup'].map((name) => ({ name, content: '{}' }))),
        ['.zarray: {}', '.zattrs: {}', '0/', '0/.zgroup: {}'],
      ],
      [
        'no-mode',
        () =>
          writeZip([
            { name: 'a/', mode: 0 },
            { name: 'a/b', content: 'b', mode: 0 },
            { name: 'c', mode: 0 },
          ]),
        ['a/', 'a/b: b', 'c: '],
      ],
      ['folders-twice', () => writeZip([{ name: 'a/' }, { name: 'a/' }, { name: 'a/b' }, { name: 'c' }]), ['a/', 'a/b: ', 'c: ']],
      ['deep-32', () => writeZip([{ name: deep, content: 'a' }, { name: 'x' }]), expect.arrayContaining([`${deep}: a`]) as string[]],
      ['unsorted', () => writeZip([{ name: 'z' }, { name: 'a' }]), ['a: ', 'z: ']],
    ])('%s', async (name, bytes, expected) => {
      expect(await unpack(bytes(), `${name}.zip`)).toMatchObject({ state: 'done' });
      const lines = inProject().filter((line) => line.startsWith(`${name}/`) && line !== `${name}/`);
      expect(lines.map((line) => line.slice(name.length + 1))).toEqual(expected);
    });

    it('and says what it left out', async () => {
      const task = await unpack(writeZip([{ name: 'a.txt' }, { name: '__MACOSX/._a.txt' }, { name: '.DS_Store' }]));
      expect(task.note).toBe('1 file was unpacked into Plate 7. 2 hidden files of macOS or Windows, such as .DS_Store, were left out.');
    });
  });

  describe('that is not', () => {
    const names = Object.keys(BAD_ARCHIVES);
    const batches = Array.from({ length: Math.ceil(names.length / AT_ONCE) }, (_, index) =>
      names.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
    );

    it.each(batches.map((batch) => ({ batch })))(
      'is refused with a reason, and leaves nothing: $batch',
      async ({ batch }) => {
        for (const name of batch) putFile(web, project, `${name}.zip`, BAD_ARCHIVES[name].bytes());
        const before = everythingOf(web, project);
        const said: string[] = [];
        const wanted: string[] = [];
        for (const name of batch) await extract(browser, project, `${name}.zip`);
        for (const name of batch) {
          const { entry, reason } = BAD_ARCHIVES[name];
          const { state, note } = await endedTask(web, project, `${name}.zip`, 120_000);
          const isNamed = entry === null || (note ?? '').includes(entry);
          const isExplained = reason.test(note ?? '');
          said.push(`${name}: ${state}, ${isNamed ? 'named' : `unnamed: ${note}`}, ${isExplained ? 'explained' : `unexplained: ${note}`}`);
          wanted.push(`${name}: failed, named, explained`);
          await web.app.get(FileTasksRepository, { strict: false }).dismiss((await taskOf(web, project, `${name}.zip`))!.id);
        }
        expect(said).toEqual(wanted);
        expect(everythingOf(web, project)).toEqual(before);
      },
      120_000,
    );
  });

  it('needs a regular file of that kind outside of results, and one that is there', async () => {
    putFile(web, project, 'a.txt', 'a');
    mkdirSync(join(folderOf(web, project), 'runs', '1'), { recursive: true });
    putFile(web, project, 'runs/1/a.zip', writeZip([]));
    mkdirSync(join(folderOf(web, project), 'folder.zip'));
    expect((await extract(browser, project, 'a.txt')).status).toBe(422);
    expect((await extract(browser, project, 'a.zip', { path: 'runs/1' })).status).toBe(422);
    expect((await extract(browser, project, 'folder.zip')).status).toBe(404);
    expect((await extract(browser, project, 'gone.zip')).status).toBe(404);
    for (const name of ['..', '../x.zip', 'a/b.zip', '', '.', 'a\0.zip', '/etc/x.zip', '..\\x.zip', 'x'.repeat(300) + '.zip']) {
      expect([name, (await extract(browser, project, name)).status]).toEqual([name, 422]);
    }
  });

  it('is refused when it needs more room than there is, and leaves nothing', async () => {
    const digits = randomBytes(13_000_000).toString('hex');
    putFile(web, project, 'large.zip', writeZip([{ name: 'large.txt', content: digits, method: 8 }]));
    const before = everythingOf(web, project);
    await extract(browser, project, 'large.zip');
    expect(await endedTask(web, project, 'large.zip')).toMatchObject({ state: 'failed', note: expect.stringContaining('26 MB') as string });
    expect(everythingOf(web, project)).toEqual(before);
  });

  it('can be cancelled in the middle, and leaves nothing', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({ name: `${index}/file.txt`, content: String(index) }));
    putFile(web, project, 'many.zip', writeZip(many));
    const before = everythingOf(web, project);
    await extract(browser, project, 'many.zip');
    await until(async () => ((await taskOf(web, project, 'many.zip'))?.doneFiles ?? 0) > 0);
    const { id } = (await taskOf(web, project, 'many.zip'))!;
    const { body } = await browser.get(`/projects/${project.id}/tasks`);
    expect(body).toContain('<progress');
    expect((await browser.postForm(`/projects/${project.id}/tasks/${id}/cancel`)).status).toBe(303);
    expect(await endedTask(web, project, 'many.zip')).toMatchObject({ state: 'cancelled' });
    expect(everythingOf(web, project)).toEqual(before);
    expect((await browser.postForm(`/projects/${project.id}/tasks/${id}/cancel`)).status).toBe(409);
    expect((await browser.postForm(`/projects/${project.id}/tasks/${id}/dismiss`)).status).toBe(303);
    expect((await browser.postForm(`/projects/${project.id}/tasks/${id}/dismiss`)).status).toBe(404);
    expect((await browser.get(`/projects/${project.id}/tasks`)).body).toContain('Nothing is being done');
  });

  it('makes no second folder when it was killed after the only one had its place', async () => {
    const staging = (await web.app.get(ProjectFiles, { strict: false }).staging(project.ownerId)).inside([
      Buffer.from(`${project.id}.again`),
    ]);
    await staging.ensureFolder([TREE]);
    const brief: ExtractBrief = { archive: 'Plate 7.zip', target: '', into: 'folder', name: 'Plate 7' };
    const task = { projectId: project.id, ownerId: project.ownerId, brief } as FileTask;
    const outcome = await web.app.get(ExtractKind, { strict: false }).place(task, staging, undefined);
    await staging.remove([]);
    expect([outcome.resultPath, inProject()]).toEqual([null, []]);
  });

  it('remembers the checksums of what it wrote', async () => {
    await unpack(writeZip([{ name: 'a.txt', content: 'aaa', method: 8 }]));
    const { handle } = await web.app.get(ProjectFiles, { strict: false }).of(project).openFile(parseEntryPath('Plate 7/a.txt'));
    const identity = await identityOf(handle).finally(() => handle.close());
    const known = await web.app.get(FileDigests, { strict: false }).find(project.id, [identity]);
    expect([...known.values()]).toEqual([{ sha256: createHash('sha256').update('aaa').digest('hex'), crc32: crc32('aaa') }]);
  });
});
