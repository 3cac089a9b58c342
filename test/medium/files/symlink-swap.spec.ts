import { open, realpath } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DomainError } from '../../../src/common/errors';
import { parseEntryPath } from '../../../src/common/files/entry-name';
import { SafeDirectory } from '../../../src/common/files/safe-directory';
import { FolderIndexes } from '../../../src/common/files/threads/folder-indexes';
import { TreeReader } from '../../../src/common/files/threads/tree-reader';
import { startSwappedFolder, type SwappedFolder } from '../../swapped-folder';

const TRIES = 2000;
/** Of them at least so many must have worked for the test to say anything. */
const ENOUGH = TRIES / 20;
/** Each takes dozens of steps, any of which may be overtaken. */
const COPIES = 100;
const MOST_MS = 20_000;
const path = parseEntryPath;

/** Another process swaps `dir` for a link to the outside all the time. */
describe('a folder that is swapped for a link', () => {
  let swapped: SwappedFolder;
  let sut: SafeDirectory;

  beforeAll(async () => {
    swapped = await startSwappedFolder();
    sut = SafeDirectory.open(swapped.root);
  });
  afterAll(() => swapped.stop());

  /**
   * Calls it many times; refusals are fine, other errors are not. On a busy machine the swapper may be put to sleep while the link lies
   * there, so it goes on until enough was carried out. @returns how often it was carried out.
   */
  async function often(work: (number: number) => Promise<unknown>, enough = 0, tries = TRIES): Promise<number> {
    let done = 0;
    const untilMs = performance.now() + MOST_MS;
    for (let number = 0; number < tries || (done < enough && performance.now() < untilMs); number += 1) {
      try {
        await work(number);
        done += 1;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
      }
    }
    return done;
  }

  const outsideNames = () => readdirSync(swapped.outside).sort();

  it('leads the careless way of opening outside', async () => {
    let escapes = 0;
    for (let number = 0; number < 50_000 && escapes === 0; number += 1) {
      const text = await readCarelessly(swapped.root, 'dir/file').catch(() => '');
      if (text === 'outside') escapes += 1;
    }
    expect(escapes).toBeGreaterThan(0);
  });

  it('is never read outside', async () => {
    const seen = { inside: 0, outside: 0 };
    await often(async () => {
      const file = await sut.openFile(path('dir/file'));
      const text = (await file.handle.readFile('utf8').finally(() => file.handle.close())) as 'inside' | 'outside';
      seen[text] += 1;
    }, ENOUGH);
    expect(seen.outside).toBe(0);
    expect(seen.inside).toBeGreaterThanOrEqual(ENOUGH);
  });

  it('is never listed, searched or measured outside', async () => {
    const names = new Set<string>();
    const done = await often(async () => {
      for (const { name } of (await sut.list(path('dir'), { limit: 100 })).entries) names.add(name.toString());
      for (const { path: found } of (await sut.findFiles(path('dir'), { most: 100 })).files) names.add(found.at(-1)!.toString());
    }, ENOUGH);
    expect([...names]).not.toContain('only-outside');
    expect(done).toBeGreaterThanOrEqual(ENOUGH);
  });

  it('is never read outside by the threads that list and measure', async () => {
    const [indexes, trees] = [new FolderIndexes(), new TreeReader()];
    const seen = new Set<string>();
    const question = { by: 'size', descending: false, filter: '', from: 0, limit: 100 } as const;
    try {
      const done = await often(async () => {
        for (const { name } of (await sut.listSorted(path('dir'), indexes, question)).entries) seen.add(name.toString());
        for (const name of await sut.inside(path('dir')).fileNames(trees, 100, Buffer.alloc(0))) seen.add(name.toString());
        await sut.inside(path('dir')).amount(trees);
      }, ENOUGH);
      expect([...seen]).not.toContain('only-outside');
      expect(done).toBeGreaterThanOrEqual(ENOUGH);
    } finally {
      await indexes.onApplicationShutdown();
      await trees.onApplicationShutdown();
    }
  });

  it('is never copied from or to outside', async () => {
    const seen = new Set<string>();
    const done = await often(
      async (number) => {
        await sut.copy(path('dir'), path(`copy-${number}`), sut);
        const copied = join(swapped.root, `copy-${number}`);
        for (const name of readdirSync(copied)) seen.add(readFileSync(join(copied, name), 'utf8'));
        await sut.remove(path(`copy-${number}`));
      },
      COPIES / 20,
      COPIES,
    );
    expect(seen).toEqual(new Set(['inside']));
    expect(done).toBeGreaterThanOrEqual(COPIES / 20);
    const source = await sut.createFile(path('source'));
    await source.close();
    await often((number) => sut.copy(path('source'), path(`dir/copied-${number}`), sut), 0, COPIES);
    expect(outsideNames()).toEqual(['file', 'only-outside']);
  });

  it('never gets a file, a folder or a moved file outside', async () => {
    const done = await often(async (number) => {
      const handle = await sut.createFile(path(`dir/new-${number}`));
      await handle.close();
    }, ENOUGH);
    await often((number) => sut.makeFolder(path(`dir/folder-${number}`)));
    await often(async (number) => {
      const handle = await sut.createFile(path(`top-${number}`));
      await handle.close();
      await sut.move(path(`top-${number}`), path(`dir/moved-${number}`));
    });
    expect(outsideNames()).toEqual(['file', 'only-outside']);
    expect(done).toBeGreaterThanOrEqual(ENOUGH);
  });

  it('never loses a file outside', async () => {
    await often((number) => sut.move(path('dir/only-outside'), path(`stolen-${number}`)));
    let removed = 0;
    await often(async () => {
      removed += (await sut.remove(path('dir/file'))).files;
      await sut.remove(path('dir/only-outside'));
      const handle = await sut.createFile(path('dir/file'));
      await handle.close();
    }, ENOUGH);
    expect(outsideNames()).toEqual(['file', 'only-outside']);
    expect(readFileSync(join(swapped.outside, 'only-outside'), 'utf8')).toBe('outside');
    expect(removed).toBeGreaterThanOrEqual(ENOUGH);
  });
});

/** What many programs do: resolve, compare, open. */
async function readCarelessly(root: string, name: string): Promise<string> {
  const real = await realpath(resolve(root, name));
  if (!real.startsWith(`${root}/`)) throw new Error('outside');
  const handle = await open(real, 'r');
  return handle.readFile('utf8').finally(() => handle.close());
}
