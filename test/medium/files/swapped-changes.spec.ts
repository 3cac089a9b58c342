import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FileTasksRepository } from '../../../src/common/file-tasks/file-tasks.repository';
import { CarelessRoutes } from '../../careless-routes';
import { upload } from '../../project-steps';
import { OUTSIDE, requireBoth, storm, SwappedProject, tally, TRIES, type Tally } from '../../swapped-project';
import { TusClient } from '../../tus';
import { until } from '../../until';
import { writeZip } from '../../zip-writer';

type Fields = [string, string][];

jest.setTimeout(90_000 + TRIES * 30);

/** Entries of one request, where a form takes several: each is a file operation of its own, with walks of its own. */
const AT_ONCE = 10;
/** Of each file that is put somewhere: to its folder, and to its name there. */
const TWICE = 2;
/** For what makes very many walks one after the other, so that sometimes all of them succeed. */
const ARCHIVES = 100;
const RARELY = { insideMs: 100, outsideMs: 20 };

/**
 * A try is one walk into the folder: a request for many files makes one or more for each of them, a refusal one for what was asked and one
 * for the list that it is shown with.
 */
describe('changing files in a folder that is swapped for a link', () => {
  let sut: SwappedProject;

  beforeAll(async () => {
    sut = await SwappedProject.open({}, [CarelessRoutes]);
    for (const name of ['file.txt', `${OUTSIDE}.txt`]) sut.putOutside(name, OUTSIDE);
    sut.put('dir/file.txt', 'inside');
  });
  afterAll(() => sut?.close());

  // Each starts with a small folder: a refusal shows it.
  beforeEach(() => {
    for (const name of sut.names('dir')) if (name !== 'file.txt') sut.remove(`dir/${name}`);
  });

  /** Makes as many files as there are tries, and one to spare for each lane. @returns names for each request, none of them twice. */
  function stock(folder: string, start: string): (number: number) => Fields {
    for (let number = 0; number < TRIES + 4 * AT_ONCE; number += 1) sut.put(`${folder}/${start}-${number}`, 'inside');
    return (request) => Array.from({ length: AT_ONCE }, (_, index) => ['name', `${start}-${request * AT_ONCE + index}`]);
  }

  /** Swaps while requests are sent; `worked` counts afterwards how many entries are where they were meant. */
  async function contained(each: (number: number) => Promise<Tally>, swapping = {}, worked?: () => number, lanes?: number): Promise<void> {
    let sum: Tally = { worked: 0, refused: 0 };
    const faults = await sut.during(swapping, async () => {
      sum = await storm(each, lanes);
    });
    const done = (worked?.() ?? 0) * TWICE;
    if (worked) sum = { worked: done, refused: sum.worked + sum.refused - done };
    expect(faults).toEqual([]);
    requireBoth(sum);
  }

  const all = async (path: string, fields: Fields, walks = TWICE): Promise<Tally> =>
    tally(await sut.post(path, fields), AT_ONCE * walks, AT_ONCE * walks);

  it('would be noticed if it went wrong', async () => {
    let told = 0;
    const read = await sut.during({}, () =>
      storm(async () => {
        const answer = await sut.browser.get(`${sut.address}/careless`);
        if (answer.body.includes(OUTSIDE)) told += 1;
        return tally({ ...answer, body: '' });
      }),
    );
    expect(told).toBeGreaterThan(0);
    expect(read).toContainEqual(expect.stringMatching(/file\.txt was read$/));
    const written = await sut.during({}, () => storm(async () => tally(await sut.post('careless', []))));
    expect(written).toContainEqual(expect.stringMatching(/written was made$/));
    sut.removeOutside('written');
    sut.put('copied', OUTSIDE);
    expect(await sut.during({}, () => until(() => false, 100).catch(() => undefined))).toEqual([
      expect.stringMatching(/copied came from outside$/),
    ]);
    sut.remove('copied');
  });

  it('new names', async () => {
    const free = ['a', 'b', 'c', 'd'];
    for (const name of free) sut.put(`dir/${name}`, 'inside');
    await contained(async (number) => {
      const [name, newName] = [free.pop()!, `renamed-${number}`];
      const result = tally(
        await sut.post('files/rename', [
          ['path', 'dir'],
          ['filter', 'none'],
          ['only', name],
          ['newName', newName],
        ]),
        2,
        2,
      );
      free.push(result.worked > 0 ? newName : name);
      return result;
    });
  });

  it('new folders', async () => {
    // By the name that it has only while a link lies in its place: nothing outside is removed. A folder that grows would slow down every try.
    const stays = (name: string) => {
      rmSync(join(sut.folder, 'dir.real', name), { recursive: true, force: true });
      return !existsSync(join(sut.folder, 'dir.real')) || existsSync(join(sut.folder, 'dir.real', name));
    };
    let made: string[] = [];
    await contained(async (number) => {
      const newName = `folder-${number}`;
      const fields: Fields = [
        ['path', 'dir'],
        ['filter', 'none'],
        ['newName', newName],
      ];
      const result = tally(await sut.post('files/folder', fields), 1, 2);
      if (result.worked > 0) made.push(newName);
      made = made.filter(stays);
      return result;
    });
  });

  it('folders of an upload', () =>
    contained(
      async (number) => {
        const paths = Array.from({ length: AT_ONCE }, (_, index): [string, string] => ['path', `sent-${number}/${index}`]);
        return all('uploads/folders', [['folder', 'dir'], ...paths]);
      },
      { insideMs: 20, outsideMs: 5 },
    ));

  it('moves out of it', async () => {
    const names = stock('dir', 'out');
    mkdirSync(join(sut.folder, 'moved'));
    const fields: Fields = [
      ['path', 'dir'],
      ['filter', 'none'],
      ['to', 'moved'],
      ['onConflict', 'skip'],
    ];
    await contained(
      (number) => all('files/move', [...fields, ...names(number)]),
      {},
      () => sut.names('moved').length,
    );
  });

  it('moves into it', async () => {
    const names = stock('stock', 'in');
    const before = sut.names('stock').length;
    const fields: Fields = [
      ['path', 'stock'],
      ['to', 'dir'],
      ['onConflict', 'skip'],
    ];
    await contained(
      (number) => all('files/move', [...fields, ...names(number)]),
      { insideMs: 20, outsideMs: 5 },
      () => before - sut.names('stock').length,
    );
  });

  it('copies out of it', async () => {
    const names = stock('dir', 'original');
    mkdirSync(join(sut.folder, 'copied'));
    const fields: Fields = [
      ['path', 'dir'],
      ['filter', 'none'],
      ['to', 'copied'],
      ['onConflict', 'keepBoth'],
    ];
    await contained(
      (number) => all('files/copy', [...fields, ...names(number)]),
      RARELY,
      () => sut.names('copied').length,
    );
  });

  it('copies into it', async () => {
    const names = stock('originals', 'copy');
    const fields: Fields = [
      ['path', 'originals'],
      ['to', 'dir'],
      ['onConflict', 'keepBoth'],
    ];
    await contained(
      (number) => all('files/copy', [...fields, ...names(number)]),
      RARELY,
      () => sut.names('dir').filter((name) => name.startsWith('copy-')).length,
    );
  });

  it('deleting, and bringing back', async () => {
    const names = stock('dir', 'deleted');
    const undo = async (id: string): Promise<Tally> => {
      const back = await all('files/restore', [
        ['path', 'dir'],
        ['filter', 'none'],
        ['undo', id],
      ]);
      if (back.worked > 0) return back;
      const again = await undo(id);
      return { worked: again.worked, refused: again.refused + back.refused };
    };
    await contained(async (number) => {
      const answer = await sut.post('files/delete', [['path', 'dir'], ['filter', 'none'], ...names(number)]);
      const { worked } = tally(answer);
      if (worked === 0) return { worked, refused: AT_ONCE };
      const { worked: back, refused } = await undo(/undo=([0-9a-f-]+)/.exec(answer.location!)![1]);
      return { worked: AT_ONCE + back, refused };
    });
  });

  it('uploads by the form', () =>
    contained(async (number) => {
      const files = Object.fromEntries(Array.from({ length: AT_ONCE }, (_, index) => [`form-${number}-${index}`, 'sent']));
      const answer = await upload(sut.browser, sut.project.id, files, {
        path: 'dir',
        token: sut.token,
        headers: { accept: 'application/json' },
      });
      if (tally(answer).worked === 0 && !answer.body.includes('"stored"')) return { worked: 0, refused: 1 };
      const { stored, refused } = JSON.parse(answer.body) as Record<'stored' | 'refused', unknown[]>;
      return { worked: TWICE * stored.length, refused: refused.length };
    }));

  it('uploads that can go on', async () => {
    const client = new TusClient(sut.browser, sut.project.id);
    await client.headers();
    // The creation looks at the place, and the end makes its folder and puts the file there.
    await contained(async (number) => tally(await client.create(`sent-${number}`, 4, { metadata: { folder: 'dir' }, content: 'sent' }), 3));
  });

  it('unpacking an archive that lies in it, into it', async () => {
    const entries = Array.from({ length: 100 }, (_, index) => String(index));
    // Each with names of its own: those that are taken cost more and more.
    for (let archive = 0; archive < ARCHIVES; archive += 1)
      sut.put(
        `dir/${archive}.zip`,
        writeZip(entries.map((name) => ({ name: `unpacked-${archive}-${name}`, content: 'from the archive' }))),
      );
    const tasks = sut.web.app.get(FileTasksRepository, { strict: false });
    await contained(
      async (number) => {
        const { worked } = tally(
          await sut.post('files/extract?into=here', [
            ['path', 'dir'],
            ['filter', 'none'],
            ['name', `${number % ARCHIVES}.zip`],
          ]),
        );
        if (worked === 0) return { worked, refused: 1 };
        await until(async () => (await tasks.ofProject(sut.project.id)).every(({ finishedMs }) => finishedMs !== null), 60_000);
        const [latest] = (await tasks.ofProject(sut.project.id)).toSorted((one, other) => other.createdMs - one.createdMs);
        return latest?.state === 'done' ? { worked: TWICE * entries.length, refused: 0 } : { worked: 0, refused: TWICE };
      },
      { insideMs: 1000, outsideMs: 50 },
      undefined,
      // To know which work was whose.
      1,
    );
  });
});
