import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafeDirectory } from './safe-directory';

describe('copyFiles', () => {
  let root: string;
  let from: string;
  let into: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-copy-'));
    from = join(root, 'from');
    into = join(root, 'into');
    mkdirSync(from);
    mkdirSync(into);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const copy = () => SafeDirectory.open(root).copyFiles([Buffer.from('from')], [Buffer.from('into')]);
  const everythingIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const openHandles = () => readdirSync('/proc/self/fd').length;
  const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

  it('copies every byte of files of all sizes, with their folders', async () => {
    const sizes = [0, 1, 4095, 4096, 4097, 262_143, 262_144, 262_145, 1_000_003];
    for (const size of sizes) {
      mkdirSync(join(from, `folder of ${size}`, 'inner'), { recursive: true });
      writeFileSync(join(from, `folder of ${size}`, 'inner', 'β'), randomBytes(size));
    }
    for (let number = 0; number < 300; number += 1) writeFileSync(join(from, `file ${number}`), `${number}`);
    const before = openHandles();
    await copy();
    expect(openHandles()).toBe(before);
    expect(new Set(everythingIn(into))).toEqual(new Set(everythingIn(from)));
    for (const size of sizes) expect(digest(join(into, `folder of ${size}/inner/β`))).toBe(digest(join(from, `folder of ${size}/inner/β`)));
    for (let number = 0; number < 300; number += 1) expect(readFileSync(join(into, `file ${number}`), 'utf8')).toBe(`${number}`);
  });

  it('leaves out links, FIFOs and folders without files, and reaches names that are not text', async () => {
    mkdirSync(join(from, 'empty/deeper'), { recursive: true });
    writeFileSync(join(root, 'secret'), 'secret');
    symlinkSync(join(root, 'secret'), join(from, 'link'));
    symlinkSync('/etc', join(from, 'etc'));
    execFileSync('mkfifo', [join(from, 'fifo')]);
    writeFileSync(Buffer.concat([Buffer.from(`${from}/`), Buffer.from([0xff, 0xfe])]), 'odd');
    await copy();
    expect(readdirSync(into, { encoding: 'buffer' })).toEqual([Buffer.from([0xff, 0xfe])]);
  });

  it('says what it may not copy, and copies nothing over anything', async () => {
    writeFileSync(join(root, 'elsewhere'), 'secret');
    linkSync(join(root, 'elsewhere'), join(from, 'lent'));
    await expect(copy()).rejects.toMatchObject({ key: 'files.hardLink', values: { name: 'lent' } });
    rmSync(join(from, 'lent'));
    writeFileSync(join(from, 'both'), 'new');
    writeFileSync(join(into, 'both'), 'old');
    const before = openHandles();
    await expect(copy()).rejects.toMatchObject({ key: 'files.exists', values: { name: 'both' } });
    expect(readFileSync(join(into, 'both'), 'utf8')).toBe('old');
    expect(openHandles()).toBe(before);
  });

  it('refuses what lies too deep, rather than to leave it out', async () => {
    const deep = join(from, ...Array.from({ length: 60 }, () => 'd'));
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'f'), 'x');
    await expect(copy()).rejects.toMatchObject({ key: 'files.tooDeep' });
  });
});
