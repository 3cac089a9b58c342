import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DerivedFiles, versionedName, type Cache } from './derived-files';
import { SafeDirectory } from './safe-directory';

describe('derived files', () => {
  let folder: string;
  let cache: Cache;
  const sut = new DerivedFiles();
  const put = (name: string, bytes: number, ageSeconds: number) => {
    writeFileSync(join(folder, name), 'x'.repeat(bytes));
    const time = Date.now() / 1000 - ageSeconds;
    utimesSync(join(folder, name), time, time);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'derived-'));
    cache = { place: folder, folder: SafeDirectory.open(folder) };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are made once for all who ask at the same time, and grow unseen', async () => {
    let turns = 0;
    const make = () =>
      sut.make(cache, 'a', async (target) => {
        await target.write('half');
        const growing = await sut.growing(cache, 'a');
        expect(growing?.size).toBe(4);
        await growing?.handle.close();
        expect(await sut.open(cache, 'a')).toBeNull();
        return (turns += 1);
      });
    expect(await Promise.all([make(), make(), make()])).toEqual([1, 1, 1]);
    expect(readdirSync(folder)).toEqual(['a']);
    expect(await sut.growing(cache, 'a')).toBeNull();
  });

  it('hold their folder within bounds once for all who wait', async () => {
    put('t-1', 10, 50);
    const list = jest.spyOn(cache.folder, 'list');
    const bounds = { prefix: 't-', bytes: 15, isOutdated: () => false };
    const make = () => sut.make(cache, 't-2', (target) => target.write('ten bytes!'), bounds);
    await Promise.all([make(), make(), make()]);
    expect(list).toHaveBeenCalledTimes(1);
    expect(readdirSync(folder)).toEqual(['t-2']);
  });

  it('leave nothing where making them fails, and are tried again', async () => {
    await expect(sut.make(cache, 'a', () => Promise.reject(new Error('torn')))).rejects.toThrow('torn');
    expect(readdirSync(folder)).toEqual([]);
    expect(await sut.openOrNothing(cache, 'a')).toBeUndefined();
    await sut.makeOrNothing(cache, 'a', () => Promise.resolve(false));
    expect(await sut.openOrNothing(cache, 'a')).toBeNull();
  });

  it('have names that tell versions of a file, and ways of making, from each other', () => {
    const { name, isOutdated } = versionedName('t-', 'a.tif\nlarge', { size: 7, mtimeMs: 1000.4 });
    expect(name).toMatch(/^t-[0-9a-f]{32}-7-1000$/);
    const other = (what: string, size: number) => versionedName('t-', what, { size, mtimeMs: 1000 }).name;
    expect([other('a.tif\nlarge', 8), other('a.tif\nsmall', 8), name, `${name}.uuid.part`].map(isOutdated)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('stay within bounds: what is outdated goes, then the oldest, and never what is being made', async () => {
    put('t-1-old', 10, 5);
    put('t-1-new', 10, 50);
    put('t-2', 10, 40);
    put('t-3', 10, 30);
    put('t-4.uuid.part', 10, 3600);
    put('t-5.uuid.part', 10, 100_000);
    put('other', 1000, 90_000);
    const isOutdated = (name: string) => name === 't-1-old';
    await sut.keepWithin(cache, { prefix: 't-', bytes: 20, isOutdated }, 't-1-new');
    expect(readdirSync(folder).sort()).toEqual(['other', 't-1-new', 't-2', 't-3', 't-4.uuid.part']);
    await sut.keepWithin(cache, { prefix: 't-', bytes: 1000, files: 1, isOutdated: () => false });
    expect(readdirSync(folder).sort()).toEqual(['other', 't-3', 't-4.uuid.part']);
  });
});
