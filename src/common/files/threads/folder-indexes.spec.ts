import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEntryPath } from '../entry-name';
import { SafeDirectory } from '../safe-directory';
import { FolderIndexes, type FolderQuestion } from './folder-indexes';

describe('folders in any order', () => {
  let root: string;
  let directory: SafeDirectory;
  let indexes: FolderIndexes;

  beforeAll(() => {
    indexes = new FolderIndexes();
  });
  afterAll(() => indexes.onApplicationShutdown());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-index-'));
    directory = SafeDirectory.open(root);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const file = (name: string, bytes: number, atSeconds: number) => {
    writeFileSync(join(root, name), 'x'.repeat(bytes));
    utimesSync(join(root, name), atSeconds, atSeconds);
  };
  const list = async (over: Partial<FolderQuestion> = {}, path = '') => {
    const question: FolderQuestion = { by: 'name', descending: false, filter: '', from: 0, limit: 100, ...over };
    const listing = await directory.listSorted(parseEntryPath(path), indexes, question);
    return { ...listing, names: listing.entries.map((entry) => entry.name.toString()) };
  };

  it('sorts by name, size and date, both ways, folders first', async () => {
    file('b10.txt', 3, 3000);
    file('B2.txt', 1, 1000);
    file('a.txt', 2, 2000);
    mkdirSync(join(root, 'zoo'));
    mkdirSync(join(root, 'Ape'));
    utimesSync(join(root, 'zoo'), 10, 10);
    utimesSync(join(root, 'Ape'), 20, 20);
    expect((await list()).names).toEqual(['Ape', 'zoo', 'a.txt', 'B2.txt', 'b10.txt']);
    expect((await list({ descending: true })).names).toEqual(['zoo', 'Ape', 'b10.txt', 'B2.txt', 'a.txt']);
    expect((await list({ by: 'size' })).names).toEqual(['Ape', 'zoo', 'B2.txt', 'a.txt', 'b10.txt']);
    expect((await list({ by: 'size', descending: true })).names).toEqual(['zoo', 'Ape', 'b10.txt', 'a.txt', 'B2.txt']);
    expect((await list({ by: 'date' })).names).toEqual(['zoo', 'Ape', 'B2.txt', 'a.txt', 'b10.txt']);
    expect(await list({ by: 'date', descending: true, from: 2, limit: 2 })).toMatchObject({
      names: ['b10.txt', 'a.txt'],
      total: 5,
      matching: 5,
      complete: true,
    });
  });

  it('lists every entry once however it is cut into pages', async () => {
    for (let number = 0; number < 250; number += 1) file(`f${number}`, number % 7, 1000 + (number % 5));
    for (const by of ['name', 'size', 'date'] as const) {
      for (const descending of [false, true]) {
        const names = [];
        for (let from = 0; from < 250; from += 60) names.push(...(await list({ by, descending, from, limit: 60 })).names);
        expect(new Set(names).size).toBe(250);
      }
    }
  });

  it('filters by part of the name, letter case and spelling of umlauts aside', async () => {
    for (const name of ['Mu\u0308ller.tif', 'DAPI.tif', 'dapi 2.tif', 'x(1).txt']) file(name, 1, 1);
    expect(await list({ filter: 'dApi' })).toMatchObject({ names: ['dapi 2.tif', 'DAPI.tif'], matching: 2, total: 4 });
    expect((await list({ filter: 'MÜLL' })).names).toEqual(['Mu\u0308ller.tif']);
    expect((await list({ filter: '(1)' })).names).toEqual(['x(1).txt']);
    expect(await list({ filter: 'nothing' })).toMatchObject({ names: [], matching: 0, total: 4 });
  });

  it('sees at once what came, went and grew', async () => {
    for (const name of ['a', 'b', 'c']) file(name, 1, 1);
    await list({ by: 'size' });
    file('d', 9, 1);
    unlinkSync(join(root, 'a'));
    expect((await list({ by: 'size', descending: true })).names).toEqual(['d', 'c', 'b']);
    writeFileSync(join(root, 'b'), 'longer');
    expect((await list()).entries[0]).toMatchObject({ size: 6 });
  });

  it('keeps names that are no text, and links as what they are', async () => {
    const raw = Buffer.from([0x66, 0xff, 0xfe]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), raw]), 'x');
    symlinkSync('/etc', join(root, 'link'));
    const { entries } = await list();
    expect(entries.map(({ name, kind }) => [name.toString('hex'), kind])).toEqual([
      [raw.toString('hex'), 'file'],
      [Buffer.from('link').toString('hex'), 'link'],
    ]);
    expect((await list({ by: 'size' })).entries).toHaveLength(2);
  });

  it('orders by the sizes of a moment ago, and by those of now soon after', async () => {
    for (const [name, bytes] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      file(name, bytes, 1);
    utimesSync(root, 1, 1);
    expect((await list({ by: 'size' })).names).toEqual(['a', 'b', 'c']);
    writeFileSync(join(root, 'a'), 'longest');
    expect(await list({ by: 'size' })).toMatchObject({ names: ['a', 'b', 'c'], entries: [{ size: 7 }, { size: 2 }, { size: 3 }] });
    const deadline = Date.now() + 25_000;
    while ((await list({ by: 'size' })).names[0] === 'a' && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await list({ by: 'size' })).names).toEqual(['b', 'c', 'a']);
  }, 40_000);

  it('does not follow a link to a folder, and says what is missing', async () => {
    symlinkSync('/etc', join(root, 'link'));
    await expect(list({}, 'link')).rejects.toThrow('There is nothing named “link” here');
    await expect(list({}, 'missing')).rejects.toThrow('There is nothing named “missing” here');
  });

  it('names the files before and after one, folders and links aside', async () => {
    for (const name of ['a', 'b', 'c']) file(name, 3 - (name.charCodeAt(0) - 97), 1);
    mkdirSync(join(root, 'sub'));
    symlinkSync('/etc', join(root, 'bb'));
    const around = async (name: string, over: Partial<FolderQuestion> = {}) => {
      const found = await directory.neighbours([Buffer.from(name)], indexes, { by: 'name', descending: false, filter: '', ...over });
      return [found.previous?.toString() ?? null, found.next?.toString() ?? null];
    };
    expect(await around('b')).toEqual(['a', 'c']);
    expect(await around('a')).toEqual([null, 'b']);
    expect(await around('a', { descending: true })).toEqual(['b', null]);
    expect(await around('c', { by: 'size' })).toEqual([null, 'b']);
    expect(await around('gone')).toEqual([null, null]);
    expect(await around('b', { filter: 'c' })).toEqual([null, null]);
  });

  it('reads a large folder without holding up the event loop', async () => {
    for (let number = 0; number < 20_000; number += 1) writeFileSync(join(root, `cell ${number}.tif`), '');
    await list();
    writeFileSync(join(root, 'one more'), '');
    const [here, everywhere] = [process.threadCpuUsage(), process.cpuUsage()];
    expect(await list({ by: 'date', limit: 200 })).toMatchObject({ total: 20_001 });
    const sum = ({ user, system }: { user: number; system: number }) => user + system;
    // By what was computed and not by the clock, which other programs share: nearly all of it is done by other threads.
    expect(sum(process.threadCpuUsage(here))).toBeLessThan(sum(process.cpuUsage(everywhere)) / 2);
  });
});
