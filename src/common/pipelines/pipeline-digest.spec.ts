import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from './manifest';
import { pipelineDigest } from './pipeline-digest';

let root: string;
const manifest = { id: 'x', runtime: { kind: 'process', command: ['./run.sh'], env: {} } } as unknown as Manifest;
const digestIn = (folder: string, over: Partial<Manifest> = {}) => pipelineDigest({ manifest: { ...manifest, ...over }, folder }, root);
const put = (path: string, content: string) => writeFileSync(join(root, path), content);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'showrunner-digest-'));
  mkdirSync(join(root, 'x/lib'), { recursive: true });
  put('x/run.sh', 'one');
  put('x/lib/a.py', 'two');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

it('changes with the manifest and with each file, and with nothing else', async () => {
  const folder = join(root, 'x');
  const first = await digestIn(folder);
  expect(first).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), files: 2, bytes: 6, complete: true });
  expect(await digestIn(folder)).toEqual(first);
  mkdirSync(join(root, 'x/__pycache__'));
  put('x/__pycache__/a.pyc', 'made by a run');
  put('x/.swp', 'made by an editor');
  utimesSync(join(root, 'x/run.sh'), new Date(), new Date(0));
  expect(await digestIn(folder)).toEqual(first);
  expect((await digestIn(folder, { version: '2' })).sha256).not.toBe(first.sha256);
  put('x/lib/a.py', 'TWO');
  const second = await digestIn(folder);
  expect(second.sha256).not.toBe(first.sha256);
  symlinkSync('/nowhere', join(root, 'x/link'));
  expect((await digestIn(folder)).sha256).not.toBe(second.sha256);
  put('x/lib/b.py', '');
  expect((await digestIn(folder)).files).toBe(4);
});

it('is of the script alone where that lies by itself', async () => {
  put('run.sh', 'one');
  const first = await digestIn(root);
  put('other.sh', 'two');
  expect(await digestIn(root)).toEqual(first);
  expect(first.files).toBe(1);
  put('run.sh', 'ONE');
  expect((await digestIn(root)).sha256).not.toBe(first.sha256);
});

it('reads so much and no more, and still sees the rest change', async () => {
  for (let index = 0; index < 3; index += 1) put(`x/big-${index}`, '');
  const sparse = Buffer.alloc(60 * 1024 * 1024);
  for (let index = 0; index < 3; index += 1) writeFileSync(join(root, `x/big-${index}`), sparse);
  const first = await digestIn(join(root, 'x'));
  expect(first.complete).toBe(false);
  utimesSync(join(root, 'x/big-2'), new Date(), new Date(0));
  expect((await digestIn(join(root, 'x'))).sha256).not.toBe(first.sha256);
});
