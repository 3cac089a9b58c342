import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heldBytes, heldDuring } from '../../../test/held-bytes';
import { formatEntryPath } from './entry-name';
import { SafeDirectory } from './safe-directory';

/** In one folder: its names alone take some six megabytes. */
const FILES = 20_000;
const FEW_BYTES = 3 * 1024 * 1024;

describe('trees of very many files', () => {
  let root: string;
  let sut: SafeDirectory;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-tree-'));
    sut = SafeDirectory.open(root);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Names of one file, which are made faster than files. */
  function fill(folder: string, count: number): void {
    mkdirSync(folder, { recursive: true });
    const first = join(folder, 'a result with a longer name, 1.txt');
    writeFileSync(first, '');
    for (let number = 2; number <= count; number += 1) linkSync(first, join(folder, `a result with a longer name, ${number}.txt`));
  }

  it('are walked without keeping their names', async () => {
    fill(join(root, 'results'), FILES);
    const before = heldBytes();
    let count = 0;
    let most = 0;
    await sut.eachFile([], () => {
      if (count % 5000 === 0) most = Math.max(most, heldBytes() - before);
      count += 1;
      return true;
    });
    expect(count).toBe(FILES);
    expect(most).toBeLessThan(FEW_BYTES);
  }, 180_000);

  it('are removed without keeping their names', async () => {
    fill(join(root, 'results'), FILES);
    let removed: unknown;
    const held = await heldDuring(300, async () => (removed = await sut.remove([Buffer.from('results')])));
    expect(removed).toEqual({ files: FILES, bytes: 0 });
    expect(held.length).toBeGreaterThan(0);
    expect(Math.max(...held)).toBeLessThan(FEW_BYTES);
    expect(readdirSync(root)).toEqual([]);
  }, 180_000);

  it('are shown files first, then folder by folder, and left when that is enough', async () => {
    for (const folder of ['a', 'b']) fill(join(root, folder, 'deeper'), 100);
    fill(root, 100);
    const found: string[] = [];
    await sut.eachFile([], async ({ path }) => {
      found.push(formatEntryPath(path));
      await Promise.resolve();
      return found.length < 250;
    });
    expect(found).toHaveLength(250);
    expect(found.slice(0, 100).every((path) => !path.includes('/'))).toBe(true);
    const folders = found.slice(100).map((path) => path.split('/').slice(0, 2).join('/'));
    expect(new Set(folders.slice(0, 100)).size).toBe(1);
    expect(new Set(folders).size).toBe(2);
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(100);
  });
});
