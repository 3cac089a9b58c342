import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../errors';
import { formatEntryPath, parseEntryPath } from './entry-name';
import { SafeDirectory } from './safe-directory';

const path = parseEntryPath;

describe('SafeDirectory', () => {
  let folder: string;
  let root: string;
  let sut: SafeDirectory;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'safe-directory-'));
    root = join(folder, 'root');
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    writeFileSync(join(root, 'a', 'b', 'deep.txt'), 'deep');
    writeFileSync(join(root, 'top.txt'), 'top file');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    sut = SafeDirectory.open(root);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const openHandles = () => readdirSync('/proc/self/fd').length;

  async function read(directory: SafeDirectory, where: string): Promise<string> {
    const file = await directory.openFile(path(where));
    try {
      return await file.handle.readFile('utf8');
    } finally {
      await file.handle.close();
    }
  }

  it('lists folders first, then names with their numbers in order', async () => {
    for (const name of ['img10.tif', 'img9.tif', 'Img1.tif']) writeFileSync(join(root, name), name);
    const { entries, total, complete } = await sut.list([], { limit: 10 });
    expect(entries.map((entry) => `${entry.kind} ${entry.name.toString()} ${entry.size}`)).toEqual([
      'folder a 0',
      'file Img1.tif 8',
      'file img9.tif 8',
      'file img10.tif 9',
      'file top.txt 8',
    ]);
    expect({ total, complete }).toEqual({ total: 5, complete: true });
  });

  it('lists a part of a folder', async () => {
    for (let number = 0; number < 30; number += 1) writeFileSync(join(root, 'a', 'b', `f${number}`), '');
    const { entries, total } = await sut.list(path('a/b'), { limit: 3, from: 10 });
    expect(entries.map((entry) => entry.name.toString())).toEqual(['f9', 'f10', 'f11']);
    expect(total).toBe(31);
  });

  it('glances at some files of a folder, however many there are', async () => {
    for (let number = 0; number < 300; number += 1) writeFileSync(join(root, 'a', 'b', `f${number}`), '');
    const some = (await sut.glance(path('a/b'), 100)).map(String);
    expect(some).toHaveLength(100);
    expect(some).toEqual([...some].sort(new Intl.Collator('en', { numeric: true }).compare));
    symlinkSync(join(folder, 'secret.txt'), join(root, 'linked.txt'));
    expect((await sut.glance([], 100)).map(String)).toEqual(['top.txt']);
  });

  it('ends a move that was killed between its two names', async () => {
    linkSync(join(root, 'top.txt'), join(root, 'a', 'moved.txt'));
    await sut.move(path('top.txt'), path('a/moved.txt'));
    expect([existsSync(join(root, 'top.txt')), await read(sut, 'a/moved.txt')]).toEqual([false, 'top file']);
  });

  it('moves no file with a second name to where it is', async () => {
    linkSync(join(root, 'top.txt'), join(root, 'a', 'other.txt'));
    await expect(sut.move(path('top.txt'), path('top.txt'))).rejects.toThrow(ConflictError);
    expect(existsSync(join(root, 'top.txt'))).toBe(true);
  });

  it('opens regular files with their size', async () => {
    const file = await sut.openFile(path('a/b/deep.txt'));
    expect(file.size).toBe(4);
    await file.handle.close();
    expect(await read(sut.inside(path('a')), 'b/deep.txt')).toBe('deep');
  });

  it('opens, lists, creates, moves and removes nothing through a link', async () => {
    symlinkSync(folder, join(root, 'out'));
    symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
    await expect(sut.openFile(path('link.txt'))).rejects.toThrow(NotFoundError);
    await expect(sut.openFile(path('out/secret.txt'))).rejects.toThrow(NotFoundError);
    await expect(sut.list(path('out'), { limit: 1 })).rejects.toThrow(NotFoundError);
    await expect(sut.createFile(path('out/new.txt'))).rejects.toThrow(NotFoundError);
    await expect(sut.makeFolder(path('out/new'))).rejects.toThrow(NotFoundError);
    await expect(sut.move(path('top.txt'), path('out/stolen.txt'))).rejects.toThrow(NotFoundError);
    await expect(sut.move(path('out/secret.txt'), path('mine.txt'))).rejects.toThrow(NotFoundError);
    await expect(sut.pathForProgram(path('link.txt'))).rejects.toThrow(NotFoundError);
    expect(await sut.remove(path('out/secret.txt'))).toEqual({ files: 0, bytes: 0 });
    expect(readdirSync(folder).sort()).toEqual(['root', 'secret.txt']);
  });

  it('lists links as links, measures none, and removes the link alone', async () => {
    symlinkSync(folder, join(root, 'out'));
    expect((await sut.stat(path('out'))).kind).toBe('link');
    expect(await sut.measure([])).toEqual({ files: 2, bytes: 12, complete: true });
    await sut.remove(path('out'));
    expect(existsSync(join(root, 'out'))).toBe(false);
    expect(readFileSync(join(folder, 'secret.txt'), 'utf8')).toBe('secret');
  });

  it('does not create through a dangling link', async () => {
    symlinkSync(join(folder, 'planted'), join(root, 'dangling'));
    await expect(sut.createFile(path('dangling'))).rejects.toThrow(ConflictError);
    expect(existsSync(join(folder, 'planted'))).toBe(false);
  });

  it('refuses FIFOs, devices and sockets without waiting', async () => {
    execFileSync('mkfifo', [join(root, 'fifo')]);
    await expect(sut.openFile(path('fifo'))).rejects.toThrow(NotFoundError);
    await expect(sut.pathForProgram(path('fifo'))).rejects.toThrow(NotFoundError);
    expect((await sut.stat(path('fifo'))).kind).toBe('other');
    const device = await SafeDirectory.open('/dev')
      .openFile(path('null'))
      .catch((error: unknown) => error);
    expect(device).toBeInstanceOf(NotFoundError);
  });

  it('refuses a file that has a second name elsewhere', async () => {
    linkSync(join(folder, 'secret.txt'), join(root, 'hard.txt'));
    await expect(sut.openFile(path('hard.txt'))).rejects.toThrow(ForbiddenError);
    await expect(sut.pathForProgram(path('hard.txt'))).rejects.toThrow(ForbiddenError);
  });

  it('creates only what is not there', async () => {
    const handle = await sut.createFile(path('new.txt'));
    await handle.close();
    await expect(sut.createFile(path('new.txt'))).rejects.toThrow(ConflictError);
    await expect(sut.makeFolder(path('a'))).rejects.toThrow(ConflictError);
    await sut.ensureFolder(path('a/x/y'));
    await sut.ensureFolder(path('a/x/y'));
    expect((await sut.stat(path('a/x/y'))).kind).toBe('folder');
  });

  it('moves files and folders and overwrites nothing', async () => {
    await expect(sut.move(path('top.txt'), path('a/b/deep.txt'))).rejects.toThrow(ConflictError);
    await expect(sut.move(path('a'), path('top.txt'))).rejects.toThrow(ConflictError);
    await sut.move(path('top.txt'), path('moved.txt'), sut.inside(path('a')));
    await sut.move(path('a'), path('c'));
    expect(await read(sut, 'c/moved.txt')).toBe('top file');
    expect(await read(sut, 'c/b/deep.txt')).toBe('deep');
  });

  it('finds files at any depth, up to a number', async () => {
    const found = await sut.findFiles([], { most: 10 });
    expect(found.files.map((file) => `${formatEntryPath(file.path)} ${file.size}`).sort()).toEqual(['a/b/deep.txt 4', 'top.txt 8']);
    expect(found.complete).toBe(true);
    expect((await sut.findFiles([], { most: 10, skip: [Buffer.from('a')] })).files).toHaveLength(1);
    expect(await sut.findFiles([], { most: 1 })).toMatchObject({ complete: false, files: [{ size: 8 }] });
    expect(await sut.measure([], 1)).toEqual({ files: 1, bytes: 8, complete: false });
    expect(await sut.measure(path('top.txt'))).toEqual({ files: 1, bytes: 8, complete: true });
  });

  it('removes whole trees and says how much that was', async () => {
    expect(await sut.remove(path('a'))).toEqual({ files: 1, bytes: 4 });
    expect(await sut.remove(path('a'))).toEqual({ files: 0, bytes: 0 });
    expect(readdirSync(root)).toEqual(['top.txt']);
  });

  it('measures and removes a tree deeper than the system allows paths, with few handles', async () => {
    const nest = `for (let i = 0; i < 1000; i++) { fs.mkdirSync('dddddddddd'); process.chdir('dddddddddd'); } fs.writeFileSync('f', 'x\\n')`;
    execFileSync(process.execPath, ['-e', nest], { cwd: root });
    const before = openHandles();
    expect(await sut.measure([])).toEqual({ files: 3, bytes: 14, complete: true });
    const { files } = await sut.findFiles(path('dddddddddd'), { most: 10 });
    expect(files.map((file) => file.path.length)).toEqual([1000]);
    expect(openHandles()).toBe(before);
    expect(await sut.remove(path('dddddddddd'))).toEqual({ files: 1, bytes: 2 });
    expect(readdirSync(root).sort()).toEqual(['a', 'top.txt']);
    expect(openHandles()).toBe(before);
  });

  it('reaches names that are not text', async () => {
    const odd = Buffer.from([0xff, 0xfe, 0x2e, 0x74]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), odd]), 'odd');
    const { entries } = await sut.list([], { limit: 10 });
    expect(entries.some((entry) => entry.name.equals(odd))).toBe(true);
    const file = await sut.openFile([odd]);
    await file.handle.close();
    await expect(sut.pathForProgram([odd])).rejects.toThrow(InvalidInputError);
    expect(await sut.remove([odd])).toEqual({ files: 1, bytes: 3 });
  });

  it('refuses names with slashes, dots and NUL even when they come as bytes', async () => {
    for (const name of ['..', '.', '', 'a/b', 'top.txt\0']) {
      await expect(sut.openFile([Buffer.from(name)])).rejects.toThrow(InvalidInputError);
      await expect(sut.stat([Buffer.from(name), Buffer.from('x')])).rejects.toThrow(InvalidInputError);
    }
  });

  it('gives programs the absolute path', async () => {
    expect(await sut.pathForProgram(path('a/b/deep.txt'))).toBe(join(root, 'a', 'b', 'deep.txt'));
    expect(await sut.pathForProgram(path('a'))).toBe(join(root, 'a'));
  });

  it('leaves no handle open, whatever happens', async () => {
    symlinkSync(folder, join(root, 'out'));
    const before = openHandles();
    const works: (() => Promise<unknown>)[] = [
      () => sut.list(path('a'), { limit: 1 }),
      () => sut.list(path('out'), { limit: 1 }),
      () => sut.openFile(path('a/b')),
      () => sut.openFile(path('a/missing/x')),
      () => sut.openFile(path('top.txt/x')),
      () => sut.makeFolder(path('a/missing/x')),
      () => sut.move(path('top.txt'), path('missing/x')),
      () => sut.measure(path('a')),
      () => sut.stat(path('out/secret.txt')),
      () => sut.remove(path('a/b')),
      () => SafeDirectory.open(join(root, 'nowhere')).list([], { limit: 1 }),
    ];
    for (const work of works) await work().catch(() => undefined);
    expect(openHandles()).toBe(before);
  });
});
