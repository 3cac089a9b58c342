import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileReferences } from '../../../src/common/files/file-references';
import { FileTasks } from '../../../src/common/file-tasks/file-tasks';
import { startSwappedFolder } from '../../swapped-folder';
import { until } from '../../until';
import { mainOf } from '../../web-app';
import { InboxStage, type Person } from './inbox-stage';

const MOST_MS = 30_000;
const HOWS = ['copy', 'move', 'link'] as const;

/** People with a shell on the server put anything into the inbox; nothing of it leads elsewhere, and nobody waits for it for ever. */
describe('what is planted in the inbox', () => {
  let stage: InboxStage;
  let mira: Person;
  let outside: string;
  let socket: Server;

  beforeAll(async () => {
    stage = await InboxStage.open();
    outside = mkdtempSync(join(tmpdir(), 'showrunner-outside-'));
    writeFileSync(join(outside, 'secret.csv'), 'secret');
  });
  afterAll(async () => {
    await stage.close();
    rmSync(outside, { recursive: true, force: true });
  });
  beforeEach(async () => {
    mira = await stage.person();
    await stage.look(mira);
    mkdirSync(join(mira.own, 'set'));
    for (const folder of [mira.own, join(mira.own, 'set')]) await plant(folder);
  });
  afterEach(() => new Promise((resolve) => socket.close(resolve)));

  async function plant(folder: string): Promise<void> {
    symlinkSync(join(outside, 'secret.csv'), join(folder, 'link.csv'));
    symlinkSync(outside, join(folder, 'linked'));
    linkSync(join(outside, 'secret.csv'), join(folder, 'hard.csv'));
    spawnSync('mkfifo', [join(folder, 'pipe.csv')]);
    spawnSync('mknod', [join(folder, 'device.csv'), 'c', '1', '5']);
    socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(folder, 'socket.csv'), resolve));
    writeFileSync(join(folder, 'good.csv'), 'good');
  }

  it('is refused one by one, for every way to bring it', async () => {
    const names = readdirSync(mira.own).filter((name) => name !== 'good.csv' && name !== 'set');
    expect(names.length).toBeGreaterThanOrEqual(5);
    for (const name of names) {
      for (const how of HOWS) {
        const answer = await stage.bring(mira, how, [name], { from: 'own' });
        if (how === 'link') expect([name, [403, 404].includes(answer.status)]).toEqual([name, true]);
        else if (answer.status === 303) await settled();
      }
    }
    for (const name of ['linked']) {
      expect((await stage.look(mira, `?from=own&path=${name}`)).status).toBe(404);
      expect((await stage.bring(mira, 'copy', ['secret.csv'], { from: 'own', path: name })).status).toBe(404);
    }
    expect(readdirSync(stage.folderOf(mira))).toEqual([]);
    expect(readdirSync(mira.own).sort()).toEqual(['good.csv', 'set', ...names].sort());
    const references = stage.web.app.get(FileReferences, { strict: false });
    for (const name of names) await expect(references.resolve(mira.project, `own:${name}`)).rejects.toThrow();
    const tasks = await stage.web.app.get(FileTasks, { strict: false }).ofProject(mira.project.id);
    expect(tasks.filter(({ state }) => state !== 'failed')).toEqual([]);
  });

  it('stays behind when the folder that it is in is copied or moved', async () => {
    const copy = await stage.bringAll(mira, 'copy', ['set'], { from: 'own' });
    expect(copy).toMatchObject({ state: 'done', note: expect.stringMatching(/[456] that are no ordinary files/) as string });
    expect(readdirSync(stage.inProject(mira, 'set'))).toEqual(['good.csv']);
    await stage.bringAll(mira, 'move', ['set'], { from: 'own' });
    expect(readdirSync(stage.inProject(mira, 'set (2)'))).toEqual(['good.csv']);
    const left = readdirSync(join(mira.own, 'set'));
    expect(left).not.toContain('good.csv');
    expect(left).toEqual(expect.arrayContaining(['hard.csv', 'link.csv', 'linked', 'pipe.csv', 'socket.csv']));
    expect(readFileSync(join(outside, 'secret.csv'), 'utf8')).toBe('secret');
  });

  it('cannot be what a link leads to later', async () => {
    const references = stage.web.app.get(FileReferences, { strict: false });
    for (const [name, swap] of [
      ['a.csv', (path: string) => symlinkSync(join(outside, 'secret.csv'), path)],
      ['b.csv', (path: string) => linkSync(join(outside, 'secret.csv'), path)],
      ['c.csv', (path: string) => void spawnSync('mkfifo', [path])],
    ] as const) {
      const path = stage.put(join(mira.own, name), 'good');
      await stage.bring(mira, 'link', [name], { from: 'own' });
      expect(await references.resolve(mira.project, `project:${name}`)).toBe(path);
      rmSync(path);
      swap(path);
      await expect(references.resolve(mira.project, `project:${name}`)).rejects.toThrow(name);
      for (const route of ['files', 'view', 'thumbnails', 'documents']) {
        const answer = await mira.browser.get(`/projects/${mira.project.id}/${route}/${name}`);
        expect(answer.body).not.toContain('secret');
        expect(answer.status).toBe(route === 'view' ? 200 : name === 'b.csv' ? 403 : 404);
      }
    }
    expect((await mira.browser.get(`/projects/${mira.project.id}`)).status).toBe(200);
  });

  async function settled(): Promise<void> {
    const tasks = stage.web.app.get(FileTasks, { strict: false });
    await until(async () => (await tasks.ofProject(mira.project.id)).every(({ finishedMs }) => finishedMs !== null));
  }
});

describe('a folder of the inbox that is swapped for a link during an import', () => {
  it('never brings anything from outside, and never loses a file there', async () => {
    const stage = await InboxStage.open();
    const mira = await stage.person();
    await stage.look(mira);
    const swapped = await startSwappedFolder(mira.own);
    try {
      let [done, number] = [0, 0];
      const seen = new Set<string>();
      const untilMs = performance.now() + MOST_MS;
      while ((done < 3 || number < 20) && performance.now() < untilMs) {
        const how = HOWS[number % 3];
        // What a move took away comes back, if the folder is one at this moment.
        if (!existsSync(join(mira.own, 'dir.real', 'file'))) spawnSync('sh', ['-c', `printf inside > '${mira.own}/dir.real/file'`]);
        const answer = await stage.bring(mira, how, number % 2 === 0 ? ['dir'] : ['file'], {
          from: 'own',
          ...(number % 2 === 0 ? {} : { path: 'dir' }),
        });
        number += 1;
        expect([200, 303, 404, 409, 422]).toContain(answer.status);
        expect(mainOf(answer)).not.toContain('only-outside');
        await until(async () =>
          (await stage.web.app.get(FileTasks, { strict: false }).ofProject(mira.project.id)).every((task) => task.finishedMs !== null),
        );
        for (const [name, content] of contents(stage.folderOf(mira))) {
          expect(name).not.toContain('only-outside');
          seen.add(content.startsWith('Showrunner link') ? 'link' : content);
        }
        done = seen.size;
      }
      expect([...seen].filter((content) => !['inside', 'link', ''].includes(content))).toEqual([]);
      expect(seen.has('inside') || seen.has('link')).toBe(true);
      expect(readdirSync(swapped.outside).sort()).toEqual(['file', 'only-outside']);
      expect(readFileSync(join(swapped.outside, 'file'), 'utf8')).toBe('outside');
    } finally {
      await swapped.stop();
      await stage.close();
    }
  }, 90_000);
});

/** Every file below a folder, by name. */
function contents(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')]);
}
