import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { readConfig } from '../config/app-config';
import { PipelineCatalogue } from './pipeline-catalogue';

const SCRIPT = '#!/bin/sh\n##~~ input - a file\n';

describe('PipelineCatalogue', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    Logger.overrideLogger(false);
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
    Logger.overrideLogger(['log', 'warn', 'error']);
  });

  const catalogue = () => new PipelineCatalogue(readConfig({ PIPELINES_DIR: root }));
  const ids = async (sut: PipelineCatalogue) => (await sut.list()).map(({ manifest }) => manifest.id);
  const script = (path: string, text = SCRIPT) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), 0o755);
  };
  const manifest = (id: string, text: string) => {
    mkdirSync(join(root, id), { recursive: true });
    writeFileSync(join(root, id, 'pipeline.yaml'), text);
  };
  async function until(holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + 5000;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error('never came true');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('finds folders with a manifest, folders with one script, and bare scripts', async () => {
    manifest('tool', 'title: A tool\ncommand: [./tool.sh]\n');
    script('tool/tool.sh');
    script('folder/run.sh');
    script('bare.sh');
    const sut = catalogue();
    expect(await ids(sut)).toEqual(['tool', 'bare', 'folder']);
    expect(await sut.find('bare')).toMatchObject({ folder: root, manifest: { runtime: { command: ['./bare.sh'] } } });
    expect(await sut.find('folder')).toMatchObject({ folder: join(root, 'folder'), manifest: { runtime: { command: ['./run.sh'] } } });
    expect(await sut.find('none')).toBeUndefined();
    expect(await sut.broken()).toEqual([]);
  });

  it('passes over hidden entries and notes', async () => {
    script('.hidden.sh');
    script('_off.sh');
    script('bare.sh~');
    writeFileSync(join(root, 'README.md'), '##~~ input - an example\n');
    writeFileSync(join(root, 'helper.awk'), 'BEGIN {}\n');
    const sut = catalogue();
    expect([await ids(sut), await sut.broken()]).toEqual([[], []]);
  });

  let numbers = 0;

  it('lists what is broken with its reason, whatever it is, and hides nothing else', async () => {
    script('good.sh');
    mkdirSync(join(root, 'empty'));
    manifest('faulty', 'titel: x\n');
    manifest('lost-command', 'command: [./gone]\n');
    manifest('outside', 'command: [./../good.sh]\n');
    manifest('huge', `command: [x]\nparameters:\n${'  - { name: aN, type: string }\n'.repeat(600).replace(/N/g, () => String(numbers++))}`);
    script('two/a.sh');
    script('two/b.sh');
    script('plain.sh', '#!/bin/sh\necho\n');
    script('no-interpreter.sh', '##~~ input - x\n');
    writeFileSync(join(root, 'not-executable.sh'), SCRIPT);
    script('binary', '\u007fELF\0\0\0');
    script('blank name.sh');
    script('twin/run.sh');
    script('twin.sh');
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync('nowhere', join(root, 'dangling'));
    execFileSync('mkfifo', [join(root, 'fifo')]);
    mkdirSync(join(root, 'fifo-manifest'));
    execFileSync('mkfifo', [join(root, 'fifo-manifest', 'pipeline.yaml')]);
    mkdirSync(join(root, 'folder-manifest', 'pipeline.yaml'), { recursive: true });
    const sut = catalogue();
    expect(await ids(sut)).toEqual(['good', 'twin']);
    const broken = new Map((await sut.broken()).map(({ file, faults }) => [file, faults.join(' ')]));
    expect(Object.fromEntries(broken)).toEqual({
      empty: expect.stringContaining('neither a pipeline.yaml nor'),
      'faulty/pipeline.yaml': expect.stringContaining('Did you mean title?'),
      'lost-command/pipeline.yaml': expect.stringContaining('./gone is not there'),
      'outside/pipeline.yaml': expect.stringContaining('outside the folder'),
      huge: expect.stringContaining('64 KB'),
      two: expect.stringContaining('several annotated scripts (a.sh, b.sh)'),
      'plain.sh': expect.stringContaining('no line that begins with ##~~'),
      'no-interpreter.sh': expect.stringContaining('#!'),
      'not-executable.sh': expect.stringContaining('chmod +x not-executable.sh'),
      binary: expect.stringContaining('no line that begins with'),
      'blank name.sh': expect.stringContaining('cannot be part of an address'),
      'twin.sh': expect.stringContaining('named twin too'),
      loop: expect.stringContaining('ELOOP'),
      dangling: expect.stringContaining('ENOENT'),
      'fifo-manifest/pipeline.yaml': expect.stringContaining('not a regular file'),
      'folder-manifest/pipeline.yaml': expect.stringMatching(/cannot be read/),
    });
  });

  it('shows what is new, changed, mended or gone without a restart', async () => {
    script('one.sh');
    manifest('two', 'command: [./bin/run]\n');
    const sut = catalogue();
    expect(await ids(sut)).toEqual(['one']);
    script('three.sh', '#!/bin/sh\n##~~ title: Number 3\n');
    await until(async () => (await sut.find('three')) !== undefined);
    script('three.sh', '#!/bin/sh\n##~~ title: Number 4\n');
    await until(async () => (await sut.find('three'))?.manifest.title === 'Number 4');
    script('two/bin/run');
    await until(async () => (await sut.find('two')) !== undefined);
    rmSync(join(root, 'one.sh'));
    await until(async () => (await sut.find('one')) === undefined);
    renameSync(root, `${root}-away`);
    await until(async () => (await sut.broken()).length === 1);
    renameSync(`${root}-away`, root);
    await until(async () => (await ids(sut)).length === 2);
  });

  it('keeps what did not change: two looks give the same object', async () => {
    script('one.sh');
    const sut = catalogue();
    const first = await sut.find('one');
    script('other.sh');
    await until(async () => (await sut.find('other')) !== undefined);
    expect(await sut.find('one')).toBe(first);
  });
});
