import { createHash, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { FileTasks } from '../../../src/common/file-tasks/file-tasks';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { Space } from '../../../src/common/space/space';
import { aNewRun } from '../../factories';
import { createProject } from '../../project-steps';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

type Fields = [string, string][];

describe('changing files', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let folder: string;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp({ USER_SPACE: '1 GB' });
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Changing ${(count += 1)}`);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    mkdirSync(join(folder, 'sub', 'deep'), { recursive: true });
    for (const name of ['a.txt', 'b.txt', 'sub/c.txt', 'sub/deep/d.txt']) writeFileSync(join(folder, name), name);
  });

  const post = (path: string, fields: Fields): Promise<TestAnswer> =>
    browser.postForm(`/projects/${project.id}/files/${path}`, fields, { page: '/projects' });
  const text = ({ body }: TestAnswer) =>
    body
      .replace(/<(script|style)[^]*?<\/\1>|<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .replaceAll('&#x27;', "'");
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const tree = (name = '.') => readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).sort();
  const store = () => web.app.get(QueueStore, { strict: false });
  const enqueue = async (parameters: Record<string, unknown>, manifest: Record<string, unknown> = {}) =>
    (await store().enqueue(aNewRun({ projectId: project.id, ownerId: project.ownerId, parameters, manifest }))).runId;

  describe('new folders', () => {
    it('are made where one is, in the composed form of their name, and the list marks them', async () => {
      const answer = await post('folder', [
        ['path', 'sub'],
        ['sort', 'size'],
        ['newName', 'Mu\u0308ller'],
      ]);
      expect([answer.status, answer.location]).toEqual([303, `/projects/${project.id}?path=sub&sort=size&at=M%C3%BCller`]);
      expect(readdirSync(join(folder, 'sub'))).toContain('M\u00fcller');
      const page = await browser.get(answer.location!);
      expect(text(page)).toContain('The folder M\u00fcller is ready.');
      expect(page.body).toMatch(/data-name="M\u00fcller"[^>]* data-at/);
    });

    it.each([
      ['a.txt', 'something named a.txt here already'],
      ['runs', 'kept for the results'],
      ['', 'A file needs a name'],
      ['a/b', 'which not every computer can store'],
    ])('named %j are refused beside their field', async (name, reason) => {
      const answer = await post('folder', [['newName', name]]);
      expect(answer.status).toBe(422);
      expect(mainOf(answer)).toMatch(/id="new-folder-error"/);
      expect(text(answer)).toContain(reason);
      expect(tree()).toHaveLength(6);
    });

    it('are refused among the results of runs, and in folders that are not there', async () => {
      mkdirSync(join(folder, 'runs', '7'), { recursive: true });
      const among = await post('folder', [
        ['path', 'runs/7'],
        ['newName', 'x'],
      ]);
      expect([among.status, readdirSync(join(folder, 'runs', '7'))]).toEqual([422, []]);
      expect(text(among)).toContain('The results of runs keep their names and places');
      expect(
        (
          await post('folder', [
            ['path', 'nowhere'],
            ['newName', 'x'],
          ])
        ).status,
      ).toBe(404);
    });
  });

  describe('new names', () => {
    it('are asked for on a page of their own when none came, and taken when one did', async () => {
      const asked = await post('rename', [
        ['path', 'sub'],
        ['only', 'c.txt'],
        ['sort', 'date'],
        ['order', 'desc'],
      ]);
      expect([asked.status, text(asked).includes('Rename c.txt')]).toEqual([200, true]);
      expect(asked.body).toContain('name="sort" value="date"');
      const done = await post('rename', [
        ['path', 'sub'],
        ['only', 'c.txt'],
        ['newName', 'e.txt'],
      ]);
      expect(done.location).toBe(`/projects/${project.id}?path=sub&at=e.txt`);
      expect(text(await browser.get(done.location!))).toContain('c.txt is now named e.txt.');
      expect(read('sub/e.txt')).toBe('sub/c.txt');
      expect(
        (
          await post('rename', [
            ['only', 'sub'],
            ['newName', 'bus'],
          ])
        ).status,
      ).toBe(303);
      expect(read('bus/deep/d.txt')).toBe('sub/deep/d.txt');
    });

    it('overwrite nothing, not even an empty folder, and may be the old one', async () => {
      mkdirSync(join(folder, 'empty'));
      for (const name of ['b.txt', 'empty', 'sub']) {
        const answer = await post('rename', [
          ['only', 'a.txt'],
          ['newName', name],
        ]);
        expect([name, answer.status, text(answer).includes(`something named ${name} here already`)]).toEqual([name, 422, true]);
      }
      expect(
        (
          await post('rename', [
            ['only', 'sub'],
            ['newName', 'empty'],
          ])
        ).status,
      ).toBe(422);
      expect(
        (
          await post('rename', [
            ['only', 'a.txt'],
            ['newName', 'a.txt'],
          ])
        ).status,
      ).toBe(303);
      expect(
        (
          await post('rename', [
            ['only', 'a.txt'],
            ['newName', 'A.txt'],
          ])
        ).status,
      ).toBe(303);
      expect([read('b.txt'), read('A.txt')]).toEqual(['b.txt', 'a.txt']);
    });

    it('are for one thing at a time, which is there', async () => {
      for (const fields of [
        [],
        [
          ['name', 'a.txt'],
          ['name', 'b.txt'],
        ],
      ] as Fields[]) {
        expect((await post('rename', fields)).location).toBe(`/projects/${project.id}`);
      }
      const gone = await post('rename', [
        ['only', 'gone.txt'],
        ['newName', 'x'],
      ]);
      expect([gone.status, text(gone).includes('There is nothing named “gone.txt” here')]).toEqual([404, true]);
      const folderGone = await browser.get(`/projects/${project.id}?path=gone`);
      expect(text(folderGone)).toMatch(/There is nothing named “gone” here.*Back to the project/);
    });

    it('are for names on the disk that are no text too', async () => {
      const raw = Buffer.from([0x66, 0xff]);
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), raw]), 'raw');
      const answer = await post('rename', [
        ['only', `~b64~${raw.toString('base64url')}`],
        ['newName', 'clean.txt'],
      ]);
      expect([answer.status, read('clean.txt')]).toEqual([303, 'raw']);
    });

    it('are none for results, for their folder, and none is theirs', async () => {
      mkdirSync(join(folder, 'runs', '7'), { recursive: true });
      writeFileSync(join(folder, 'runs', '7', 'x.png'), 'x');
      for (const [path, name] of [
        ['', 'runs'],
        ['runs', '7'],
        ['runs/7', 'x.png'],
      ] as const) {
        expect(
          (
            await post('rename', [
              ['path', path],
              ['only', name],
              ['newName', 'y'],
            ])
          ).status,
        ).toBe(422);
      }
      expect(
        (
          await post('rename', [
            ['only', 'sub'],
            ['newName', 'runs'],
          ])
        ).status,
      ).toBe(422);
      expect(tree('runs')).toEqual(['7', '7/x.png']);
    });
  });

  describe('moving', () => {
    it('asks for a folder step by step, and then moves', async () => {
      mkdirSync(join(folder, 'runs'));
      const selected: Fields = [
        ['name', 'a.txt'],
        ['name', 'sub'],
        ['sort', 'size'],
      ];
      const first = await post('move', selected);
      expect([first.status, text(first).includes('Move 2 entries')]).toEqual([200, true]);
      expect(first.body).toContain('It lies in this folder already');
      expect(mainOf(first)).not.toMatch(/name="in" value="(sub|runs)"/);
      mkdirSync(join(folder, 'target', 'inner'), { recursive: true });
      const second = await post('move', [...selected, ['in', 'target']]);
      expect(mainOf(second)).toMatch(/name="in" value="target\/inner"/);
      expect(text(second)).toContain('Move to target');
      const done = await post('move', [...selected, ['to', 'target']]);
      expect(done.location).toBe(`/projects/${project.id}?sort=size`);
      expect(text(await browser.get(done.location!))).toContain('2 entries were moved to target.');
      expect(tree('target')).toEqual(['a.txt', 'inner', 'sub', 'sub/c.txt', 'sub/deep', 'sub/deep/d.txt']);
    });

    it('asks what to do about names in use, and overwrites nothing', async () => {
      writeFileSync(join(folder, 'sub', 'a.txt'), 'there before');
      const selected: Fields = [
        ['name', 'a.txt'],
        ['name', 'b.txt'],
        ['to', 'sub'],
      ];
      const asked = await post('move', selected);
      expect([asked.status, text(asked).includes('1 of these names is taken in sub')]).toEqual([409, true]);
      expect(tree()).toContain('a.txt');
      await post('move', [...selected, ['onConflict', 'skip']]);
      expect([tree(), read('sub/a.txt')]).toEqual([
        ['a.txt', 'sub', 'sub/a.txt', 'sub/b.txt', 'sub/c.txt', 'sub/deep', 'sub/deep/d.txt'],
        'there before',
      ]);
      await post('move', [
        ['name', 'a.txt'],
        ['to', 'sub'],
        ['onConflict', 'keepBoth'],
      ]);
      expect([read('sub/a.txt'), read('sub/a (2).txt')]).toEqual(['there before', 'a.txt']);
    });

    it.each([
      ['a folder into itself', 'sub', 'sub', 409, 'cannot be put into itself'],
      ['a folder into one of its own', 'sub', 'sub/deep', 409, 'cannot be put into itself'],
      ['to where it lies', 'a.txt', '', 409, 'This is where it lies already'],
      ['into a file', 'a.txt', 'b.txt', 404, 'There is nothing named “b.txt” here'],
      ['into what is not there', 'a.txt', 'nowhere', 404, 'There is nothing named “nowhere” here'],
      ['among the results', 'a.txt', 'runs', 422, 'keep their names and places'],
      ['what is not there', 'gone.txt', 'sub', 404, 'There is nothing named “gone.txt” here'],
    ])('does not go %s', async (_what, name, to, status, reason) => {
      mkdirSync(join(folder, 'runs'));
      const before = tree();
      const answer = await post('move', [
        ['name', name],
        ['to', to],
      ]);
      expect([answer.status, text(answer)]).toEqual([status, expect.stringContaining(reason)]);
      expect(tree()).toEqual(before);
    });

    it('does not follow a link that stands where a folder was', async () => {
      const outside = join(web.database.folder, `outside-${count}`);
      mkdirSync(outside);
      symlinkSync(outside, join(folder, 'link'));
      const answer = await post('move', [
        ['name', 'a.txt'],
        ['to', 'link'],
      ]);
      expect([answer.status, readdirSync(outside)]).toEqual([404, []]);
      expect(
        (
          await post('move', [
            ['name', 'link'],
            ['to', 'sub'],
          ])
        ).status,
      ).toBe(303);
      expect(readdirSync(join(folder, 'sub'))).toContain('link');
    });
  });

  describe('copying', () => {
    const spaceUsed = async () => (await web.app.get(Space, { strict: false }).measure(project.ownerId)).bytes;

    it('makes a second one beside the first, with its checksums, and counts its space', async () => {
      const path = [Buffer.from('a.txt')];
      const digests = web.app.get(FileDigests, { strict: false });
      const directory = web.app.get(ProjectFiles, { strict: false }).of(project);
      const { sha256 } = await digests.compute(project.id, directory, path);
      const before = await spaceUsed();
      const done = await post('copy', [
        ['name', 'a.txt'],
        ['to', ''],
      ]);
      expect(done.location).toBe(`/projects/${project.id}?at=a+%282%29.txt`);
      expect(read('a (2).txt')).toBe('a.txt');
      const copy = (await directory.identify([Buffer.from('a (2).txt')]))!;
      expect([...(await digests.find(project.id, [copy])).values()]).toMatchObject([{ sha256 }]);
      const { used, reserved } = await web.app
        .get(Space, { strict: false })
        .useOf({ id: project.ownerId, kind: 'account', isAdmin: false });
      expect([used.bytes, reserved.bytes]).toEqual([before + 5, 0]);
    });

    it('takes folders as a whole, without links, and leaves nothing in staging', async () => {
      symlinkSync('/etc', join(folder, 'sub', 'etc'));
      writeFileSync(join(web.database.folder, `hard-${count}`), 'secret');
      linkSync(join(web.database.folder, `hard-${count}`), join(folder, 'sub', 'hard'));
      mkdirSync(join(folder, 'target'));
      const done = await post('copy', [
        ['name', 'sub'],
        ['name', 'a.txt'],
        ['to', 'target'],
      ]);
      expect(text(await browser.get(done.location!))).toContain('Copied, except 2 links or special files.');
      expect(tree('target')).toEqual(['a.txt', 'sub', 'sub/c.txt', 'sub/deep', 'sub/deep/d.txt']);
      expect(tree('sub')).toContain('etc');
      const staging = readdirSync(join(web.database.config.filesRoot, project.ownerId, '.staging'));
      expect(staging.filter((name) => name.startsWith(project.id))).toEqual([]);
    });

    it('may take results out of their folder', async () => {
      mkdirSync(join(folder, 'runs', '7'), { recursive: true });
      writeFileSync(join(folder, 'runs', '7', 'x.png'), 'x');
      expect(
        (
          await post('copy', [
            ['path', 'runs/7'],
            ['only', 'x.png'],
            ['to', 'sub'],
          ])
        ).status,
      ).toBe(303);
      expect(read('sub/x.png')).toBe('x');
      expect(
        (
          await post('copy', [
            ['name', 'a.txt'],
            ['to', 'runs/7'],
          ])
        ).status,
      ).toBe(422);
    });

    it('asks what to do about names in use', async () => {
      writeFileSync(join(folder, 'sub', 'a.txt'), 'there before');
      const selected: Fields = [
        ['name', 'a.txt'],
        ['name', 'b.txt'],
        ['to', 'sub'],
      ];
      expect((await post('copy', selected)).status).toBe(409);
      await post('copy', [...selected, ['onConflict', 'skip']]);
      expect([read('sub/a.txt'), read('sub/b.txt'), tree('sub').length]).toEqual(['there before', 'b.txt', 5]);
      const nothing = await post('copy', [...selected, ['onConflict', 'skip']]);
      expect(text(await browser.get(nothing.location!))).toContain('Nothing was changed: all names were taken in sub.');
      await post('copy', [
        ['name', 'a.txt'],
        ['to', 'sub'],
        ['onConflict', 'keepBoth'],
      ]);
      expect(read('sub/a (2).txt')).toBe('a.txt');
    });

    it('stops where the space ends, with a sentence', async () => {
      truncateSync(join(folder, 'a.txt'), 60_000_000);
      const space = web.app.get(Space, { strict: false });
      const terms = { projectId: project.id, what: 'upload' as const, forMs: 60_000 };
      const used = await spaceUsed();
      const id = await space.reserve(project.ownerId, { bytes: 1_000_000_000 - used - 1000, files: 1 }, terms);
      const answer = await post('copy', [
        ['name', 'a.txt'],
        ['to', 'sub'],
      ]);
      await space.release(id);
      expect([answer.status, existsSync(join(folder, 'sub', 'a.txt'))]).toEqual([413, false]);
      expect(mainOf(answer)).toContain('data-entry="a.txt"');
    });

    it('takes no more space than there was room for when something is written meanwhile', async () => {
      const space = web.app.get(Space, { strict: false });
      const reserve = space.reserve.bind(space);
      jest.spyOn(space, 'reserve').mockImplementationOnce((...asked) => {
        writeFileSync(join(folder, 'a.txt'), 'much longer than before');
        return reserve(...asked);
      });
      const answer = await post('copy', [
        ['name', 'a.txt'],
        ['to', 'sub'],
      ]);
      expect([answer.status, existsSync(join(folder, 'sub', 'a.txt'))]).toEqual([409, false]);
      expect(text(answer)).toContain('While it was copied somebody wrote to it.');
    });

    it('goes on outside of the request where it is much', async () => {
      const content = Buffer.alloc(70_000_000, 'x');
      writeFileSync(join(folder, 'sub', 'large.bin'), content);
      const done = await post('copy', [
        ['name', 'sub'],
        ['name', 'a.txt'],
        ['to', ''],
      ]);
      expect(text(await browser.get(done.location!))).toContain('it goes on by itself');
      const tasks = web.app.get(FileTasks, { strict: false });
      await until(async () => (await tasks.ofProject(project.id)).every((task) => task.finishedMs !== null), 60_000);
      expect(await tasks.ofProject(project.id)).toMatchObject([
        { kind: 'copy', state: 'done', note: expect.stringContaining('browse.copied') as string, doneFiles: 4, resultPath: '' },
      ]);
      const sum = (data: Buffer) => createHash('sha256').update(data).digest('hex');
      expect(sum(readFileSync(join(folder, 'sub (2)', 'large.bin')))).toBe(sum(content));
      expect(read('a (2).txt')).toBe('a.txt');
    }, 90_000);
  });

  describe('what a run needs that is not over', () => {
    const CHANGES: [string, (name: string, path: string) => [string, Fields]][] = [
      [
        'rename',
        (name, path) => [
          'rename',
          [
            ['path', path],
            ['only', name],
            ['newName', 'other'],
          ],
        ],
      ],
      [
        'move',
        (name, path) => [
          'move',
          [
            ['path', path],
            ['name', name],
            ['to', 'target'],
          ],
        ],
      ],
      [
        'delete',
        (name, path) => [
          'delete',
          [
            ['path', path],
            ['name', name],
          ],
        ],
      ],
    ];
    const PLACES: [string, string, string][] = [
      ['the input', 'b.txt', ''],
      ['an input deeper down', 'd.txt', 'sub/deep'],
      ['a folder that holds the input', 'deep', 'sub'],
      ['a folder above that', 'sub', ''],
    ];

    it.each(CHANGES.flatMap(([verb, form]) => PLACES.map(([what, name, path]) => [verb, what, form, name, path] as const)))(
      'no %s changes: %s',
      async (_verb, _what, form, name, path) => {
        mkdirSync(join(folder, 'target'));
        const before = tree();
        const runId = await enqueue({ image: 'project:b.txt', more: ['project:sub/deep/d.txt'] });
        const [route, fields] = form(name, path);
        const answer = await post(route, fields);
        expect([answer.status, text(answer)]).toEqual([409, expect.stringContaining(`${name} is needed by run #${runId}`)]);
        expect(mainOf(answer)).toContain('id="files-panel"');
        expect(tree()).toEqual(before);
        await store().requestCancel(runId, 'test');
        expect((await post(route, fields)).status).toBe(303);
      },
    );

    it('stays where it is named in a row of a table', async () => {
      const rows = [{ red: 'project:a.txt' }, { red: 'project:sub/c.txt', crops: 'true' }];
      const runId = await enqueue({ fields: rows });
      const answer = await post('delete', [
        ['path', 'sub'],
        ['name', 'c.txt'],
      ]);
      expect([answer.status, text(answer)]).toEqual([409, expect.stringContaining(`c.txt is needed by run #${runId}`)]);
      expect(tree('sub')).toContain('c.txt');
    });

    it('may be the results of an earlier run, which stay until the run that reads them is over', async () => {
      const earlier = await enqueue({});
      await store().requestCancel(earlier, 'test');
      mkdirSync(join(folder, 'runs', String(earlier), 'analysis'), { recursive: true });
      writeFileSync(join(folder, 'runs', String(earlier), 'analysis', 'cells.csv'), 'x');
      const runId = await enqueue({ before: String(earlier), number: String(earlier) }, { parameters: [{ name: 'before', type: 'run' }] });
      for (const [path, name] of [
        ['runs', String(earlier)],
        [`runs/${earlier}`, 'analysis'],
        [`runs/${earlier}/analysis`, 'cells.csv'],
      ] as const) {
        const answer = await post('delete', [
          ['path', path],
          ['name', name],
        ]);
        const sentence = `${name} is of the results that run #${runId} reads, which is not finished.`;
        expect([answer.status, text(answer)]).toEqual([409, expect.stringContaining(sentence)]);
      }
      const page = text(await browser.get(`/projects/${project.id}/view/runs/${earlier}/analysis/cells.csv`));
      expect(page).toContain(`Needed by run #${runId}`);
      await store().requestCancel(runId, 'test');
      const answer = await post('delete', [
        ['path', `runs/${earlier}`],
        ['name', 'analysis'],
      ]);
      expect(answer.status).toBe(303);
    });

    it('is copied all the same, and its page says who needs it and who has read it', async () => {
      const over = await enqueue({ image: 'project:b.txt' });
      await store().requestCancel(over, 'test');
      const runId = await enqueue({ image: 'project:b.txt' });
      expect(
        (
          await post('copy', [
            ['name', 'b.txt'],
            ['to', 'sub'],
          ])
        ).status,
      ).toBe(303);
      const page = text(await browser.get(`/projects/${project.id}/view/b.txt`));
      expect(page).toMatch(new RegExp(`Needed by run #${runId} .*Read by run #${over}`));
    });
  });

  it('remembers how files are shown, in the browser', async () => {
    const answer = await post('layout', [
      ['layout', 'grid'],
      ['path', 'sub'],
    ]);
    expect([answer.location, browser.cookies.get('showrunner_layout')]).toEqual([`/projects/${project.id}?path=sub`, 'grid']);
    expect(mainOf(await browser.get(`/projects/${project.id}`))).toContain('class="tiles"');
    await post('layout', [['layout', 'list']]);
    expect(browser.cookies.has('showrunner_layout')).toBe(false);
  });

  it('has a page for the trash, which brings back and deletes for good', async () => {
    const trash = (path: string, fields: Fields) =>
      browser.postForm(`/projects/${project.id}/trash/${path}`, fields, { page: '/projects' });
    await post('delete', [
      ['path', 'sub'],
      ['name', 'c.txt'],
      ['name', 'deep'],
    ]);
    await post('delete', [['only', 'a.txt']]);
    const page = await browser.get(`/projects/${project.id}/trash`);
    expect(text(page)).toMatch(/a\.txt by .* top folder 5 bytes 1 file .*(c\.txt and 1 more|deep and 1 more) by .* sub /);
    expect(text(await browser.get(`/projects/${project.id}`))).toContain('Trash (2)');
    const ids = [...page.body.matchAll(/name="id" value="([0-9a-f-]{36})"/g)].map(([, id]) => id);
    const restored = await trash('restore', [['id', ids.at(-1)!]]);
    expect([restored.location, tree('sub')]).toEqual([`/projects/${project.id}/trash`, ['c.txt', 'deep', 'deep/d.txt']]);
    for (const id of ['', 'x', '..', randomUUID()]) {
      expect((await trash('restore', [['id', id]])).status).toBeGreaterThanOrEqual(400);
      expect((await trash('empty', [['id', id]])).status).toBeGreaterThanOrEqual(400);
    }
    const used = async () =>
      (await web.app.get(Space, { strict: false }).useOf({ id: project.ownerId, kind: 'account', isAdmin: false })).used;
    await web.app.get(Space, { strict: false }).measure(project.ownerId);
    const before = await used();
    await trash('empty', []);
    expect(await used()).toEqual({ bytes: before.bytes - 5, files: before.files - 1 });
    expect(text(await browser.get(`/projects/${project.id}/trash`))).toContain('The trash is empty');
  });
});
