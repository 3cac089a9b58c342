import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError, NotFoundError } from '../errors';
import { parseEntryPath } from './entry-name';
import { SafeDirectory } from './safe-directory';
import type { CopyWatch } from './tree-copy';

describe('copying', () => {
  let root: string;
  let directory: SafeDirectory;
  let target: SafeDirectory;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-copy-'));
    for (const name of ['from/sub/deep', 'to']) mkdirSync(join(root, name), { recursive: true });
    for (const name of ['a.txt', 'sub/b.txt', 'sub/deep/c.txt']) writeFileSync(join(root, 'from', name), name);
    directory = SafeDirectory.open(join(root, 'from'));
    target = SafeDirectory.open(join(root, 'to'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const copy = (from: string, to = from, watch?: CopyWatch) => directory.copy(parseEntryPath(from), parseEntryPath(to), target, watch);
  const read = (name: string) => readFileSync(join(root, 'to', name), 'utf8');

  it('copies a file with its time, under the rights of files of ours', async () => {
    utimesSync(join(root, 'from', 'a.txt'), 1000, 2000);
    chmodSync(join(root, 'from', 'a.txt'), 0o777);
    expect(await copy('a.txt', 'b.txt')).toEqual({ files: 1, bytes: 5, leftOut: 0 });
    expect(read('b.txt')).toBe('a.txt');
    const { mtimeMs, mode } = statSync(join(root, 'to', 'b.txt'));
    expect([mtimeMs, mode & 0o777]).toEqual([2_000_000, 0o640]);
    writeFileSync(join(root, 'to', 'b.txt'), 'changed');
    expect(readFileSync(join(root, 'from', 'a.txt'), 'utf8')).toBe('a.txt');
  });

  it('copies a folder with all below it, names that are no text too', async () => {
    const raw = Buffer.from([0x66, 0xff]);
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'from', 'sub')), Buffer.from('/'), raw]), 'raw');
    expect(await copy('sub')).toEqual({ files: 3, bytes: 9 + 14 + 3, leftOut: 0 });
    expect([read('sub/b.txt'), read('sub/deep/c.txt')]).toEqual(['sub/b.txt', 'sub/deep/c.txt']);
    expect(readdirSync(join(root, 'to', 'sub'), { encoding: 'buffer' }).some((name) => name.equals(raw))).toBe(true);
  });

  it('takes of a file that is written to what it had when it was opened, and comes to an end', async () => {
    const file = join(root, 'from', 'log');
    const size = 9_000_000;
    writeFileSync(file, Buffer.alloc(size));
    let pieces = 0;
    const advance = () => void ((pieces += 1) < 20 && appendFileSync(file, Buffer.alloc(5_000_000)));
    expect(await copy('log', 'log', { advance })).toEqual({ files: 1, bytes: size, leftOut: 0 });
    expect(statSync(join(root, 'to', 'log')).size).toBe(size);
  });

  it('leaves out links, special files and files with a second name, and says how many', async () => {
    symlinkSync('/etc/passwd', join(root, 'from', 'sub', 'link'));
    symlinkSync('/etc', join(root, 'from', 'sub', 'folder'));
    execFileSync('mkfifo', [join(root, 'from', 'sub', 'fifo')]);
    writeFileSync(join(root, 'elsewhere'), 'secret');
    linkSync(join(root, 'elsewhere'), join(root, 'from', 'sub', 'hard'));
    expect(await copy('sub')).toMatchObject({ files: 2, leftOut: 4 });
    expect(readdirSync(join(root, 'to', 'sub')).sort()).toEqual(['b.txt', 'deep']);
  });

  it('leaves out folders that became links or went since they were listed, and copies the others', async () => {
    const names = ['one', 'two', 'three', 'four'];
    for (const name of names) {
      mkdirSync(join(root, 'from', 'many', name), { recursive: true });
      writeFileSync(join(root, 'from', 'many', name, 'file'), 'inside');
    }
    let isFirst = true;
    const copied = (): void => {
      if (!isFirst) return;
      isFirst = false;
      const others = names.filter((name) => !existsSync(join(root, 'to', 'many', name)));
      for (const [index, name] of others.entries()) {
        rmSync(join(root, 'from', 'many', name), { recursive: true });
        if (index > 0) symlinkSync('/etc', join(root, 'from', 'many', name));
      }
    };
    expect(await copy('many', 'many', { copied })).toEqual({ files: 1, bytes: 6, leftOut: 3 });
    expect(readdirSync(join(root, 'to', 'many'))).toHaveLength(1);
  });

  it.each(['link', 'fifo'])('copies no %s by its own name', async (kind) => {
    if (kind === 'link') symlinkSync('/etc/passwd', join(root, 'from', 'link'));
    else execFileSync('mkfifo', [join(root, 'from', 'fifo')]);
    await expect(copy(kind)).rejects.toThrow(NotFoundError);
    expect(readdirSync(join(root, 'to'))).toEqual([]);
  });

  it('overwrites nothing', async () => {
    writeFileSync(join(root, 'to', 'a.txt'), 'there');
    mkdirSync(join(root, 'to', 'sub'));
    await expect(copy('a.txt')).rejects.toThrow(ConflictError);
    await expect(copy('sub')).rejects.toThrow(ConflictError);
    symlinkSync('/tmp/nowhere', join(root, 'to', 'dangling'));
    await expect(copy('a.txt', 'dangling')).rejects.toThrow(ConflictError);
    expect(read('a.txt')).toBe('there');
  });

  it('tells how far it is, and stops when it shall', async () => {
    const large = Buffer.alloc(9_000_000, 7);
    writeFileSync(join(root, 'from', 'sub', 'large'), large);
    const pieces: [number, number][] = [];
    await copy('sub', 'one', { advance: (bytes, files) => void pieces.push([bytes, files]) });
    expect(pieces.reduce((sum, [bytes]) => sum + bytes, 0)).toBe(large.length + 23);
    expect(pieces.filter(([, files]) => files === 1)).toHaveLength(3);
    expect(readFileSync(join(root, 'to', 'one', 'large')).equals(large)).toBe(true);
    const stop = new AbortController();
    const stopped = copy('sub', 'two', { signal: stop.signal, advance: () => stop.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
  });

  it('knows which copy has the content of which file', async () => {
    const pairs: [string, string][] = [];
    await copy('a.txt', 'a2.txt', { copied: (from, to) => void pairs.push([from.inode, to.inode]) });
    const inode = (...names: string[]) => String(statSync(join(root, ...names)).ino);
    expect(pairs).toEqual([[inode('from', 'a.txt'), inode('to', 'a2.txt')]]);
  });

  it('refuses a tree that is deeper than anybody can open', async () => {
    mkdirSync(join(root, 'from', ...Array.from({ length: 70 }, () => 'd')), { recursive: true });
    await expect(copy('d')).rejects.toThrow('more than 64 deep');
  });
});
