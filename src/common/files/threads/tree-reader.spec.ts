import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafeDirectory } from '../safe-directory';
import { TreeReader } from './tree-reader';

describe('whole trees', () => {
  const root = mkdtempSync(join(tmpdir(), 'showrunner-trees-'));
  const trees = new TreeReader();
  const directory = SafeDirectory.open(root);

  beforeAll(() => {
    mkdirSync(join(root, 'sub', 'deep'), { recursive: true });
    mkdirSync(join(root, 'runs'));
    for (const [name, bytes] of Object.entries({ 'a.txt': 3, 'sub/b.txt': 4, 'sub/deep/c.txt': 5, 'runs/r.txt': 6 })) {
      writeFileSync(join(root, name), 'x'.repeat(bytes));
    }
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]), 'xx');
    symlinkSync('/usr', join(root, 'usr'));
    symlinkSync('/etc/passwd', join(root, 'passwd'));
  });
  afterAll(async () => {
    await trees.onApplicationShutdown();
    rmSync(root, { recursive: true });
  });

  it('are measured without a link being followed', async () => {
    expect(await directory.amount(trees)).toEqual({ files: 5, bytes: 20 });
    expect(await directory.inside([Buffer.from('sub')]).amount(trees)).toEqual({ files: 2, bytes: 9 });
    await expect(directory.inside([Buffer.from('usr')]).amount(trees)).rejects.toThrow('There is nothing named');
  });

  it('give the names of their first files', async () => {
    const names = await directory.fileNames(trees, 100, Buffer.from('runs'));
    expect(names.map((name) => name.toString('latin1')).sort()).toEqual(['a.txt', 'b.txt', 'c.txt', '\u00ff']);
    expect(await directory.fileNames(trees, 2, Buffer.from('runs'))).toHaveLength(2);
  });
});
