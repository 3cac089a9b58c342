import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until';

/** Swaps `root/dir` between a folder and a link to `outside` as fast as it can, until it is ended. */
const SWAPPER = `
  const fs = require('node:fs');
  const [dir, outside, started] = process.argv.slice(1);
  fs.writeFileSync(started, '');
  // Pauses of up to some tenths of a millisecond, so that a walk sometimes succeeds and is sometimes overtaken at any of its steps.
  const pause = (most) => { const end = performance.now() + Math.random() * most; while (performance.now() < end); };
  for (;;) {
    pause(0.6);
    fs.renameSync(dir, dir + '.real');
    fs.symlinkSync(outside, dir);
    pause(0.2);
    fs.unlinkSync(dir);
    fs.renameSync(dir + '.real', dir);
  }
`;

export interface SwappedFolder {
  /** Has `dir/`, which is now a folder and now a link to `outside`. Files in the folder say "inside". */
  root: string;
  /** Has files of the same names, which say "outside". */
  outside: string;
  /** Ends the swapping and removes everything. */
  stop(): Promise<void>;
}

/** Starts another process that swaps a folder for a link while a test works on it. @param root made if absent. */
export async function startSwappedFolder(root?: string): Promise<SwappedFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'swapped-'));
  const inside = root ?? join(folder, 'root');
  const outside = join(folder, 'outside');
  mkdirSync(join(inside, 'dir'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(inside, 'dir', 'file'), 'inside');
  writeFileSync(join(outside, 'file'), 'outside');
  writeFileSync(join(outside, 'only-outside'), 'outside');
  const started = join(folder, 'started');
  const child: ChildProcess = spawn(process.execPath, ['-e', SWAPPER, join(inside, 'dir'), outside, started], { stdio: 'ignore' });
  await until(() => existsSync(started));
  return {
    root: inside,
    outside,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
