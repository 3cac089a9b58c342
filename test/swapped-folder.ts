import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until';

/**
 * Swaps folders of `root`, a random one at a time, between a folder and a link to `outside` as fast as it is told to, until there is a file
 * of the name `ended`. It leaves folders behind, and the number of swaps in that file.
 */
const SWAPPER = `
  const fs = require('node:fs');
  const { root, names, outside, started, ended, insideMs, outsideMs } = JSON.parse(process.argv[1]);
  const isLink = new Map(names.map((name) => [name, false]));
  // Pauses of a random length, so that a walk sometimes succeeds and is sometimes overtaken at any of its steps.
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  const pause = (most) => Atomics.wait(nothing, 0, 0, Math.random() * most);
  // For an instant there is nothing of the name: whoever is tested may make a folder then, which has to go again.
  const clear = (path) => { try { fs.rmSync(path, { recursive: true, force: true }); } catch (error) { if (error.code !== 'ENOTEMPTY') throw error; } };
  const force = (path, work) => {
    for (;;) try { return work(); } catch { clear(path); }
  };
  const swap = (name) => {
    const path = root + '/' + name;
    if (isLink.get(name)) {
      clear(path);
      force(path, () => fs.renameSync(path + '.real', path));
    } else {
      // A move takes the folder itself away when nothing is left in it.
      fs.mkdirSync(path, { recursive: true });
      fs.renameSync(path, path + '.real');
      force(path, () => fs.symlinkSync(outside, path));
    }
    isLink.set(name, !isLink.get(name));
  };
  fs.writeFileSync(started, '');
  let swaps = 0;
  // A test that was killed cannot say that it is over.
  const parent = process.ppid;
  for (; !fs.existsSync(ended) && process.ppid === parent; swaps += 1) {
    const name = names[Math.floor(Math.random() * names.length)];
    pause(isLink.get(name) ? outsideMs : insideMs);
    swap(name);
  }
  for (const name of names) if (isLink.get(name)) swap(name);
  fs.writeFileSync(ended, String(swaps));
`;

/** Of a machine that has much else to do. */
const START_WITHIN_MS = 60_000;

export interface Swapping {
  /** Folders in it are swapped for links, those of these names. */
  root: string;
  names: readonly string[];
  /** Where the links lead. */
  outside: string;
  /** Longest time as a folder, and as a link, in milliseconds. */
  insideMs?: number;
  outsideMs?: number;
}

/** Starts another process that swaps folders for links. @returns what ends it, with folders in their places, and tells how often it swapped. */
export async function startSwapping({ insideMs = 0.6, outsideMs = 0.2, ...swapping }: Swapping): Promise<() => Promise<number>> {
  const folder = mkdtempSync(join(tmpdir(), 'swapping-'));
  const [started, ended] = [join(folder, 'started'), join(folder, 'ended')];
  const order = JSON.stringify({ ...swapping, started, ended, insideMs, outsideMs });
  const child = spawn(process.execPath, ['-e', SWAPPER, order], { stdio: ['ignore', 'ignore', 'inherit'] });
  const over = once(child, 'exit');
  try {
    await until(() => existsSync(started), START_WITHIN_MS);
  } catch (error) {
    // Else it would begin beside the next one.
    child.kill('SIGKILL');
    throw error;
  }
  return async () => {
    writeFileSync(ended, '');
    const [code] = (await over) as [number | null];
    const swaps = Number(readFileSync(ended, 'utf8'));
    rmSync(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`The swapper ended early, with ${code}`);
    return swaps;
  };
}

export interface SwappedFolder {
  /** Has `dir/`, which is now a folder and now a link to `outside`. Files in the folder say "inside". */
  root: string;
  /** Has files of the same names, which say "outside". */
  outside: string;
  /** Ends the swapping and removes everything. */
  stop(): Promise<void>;
}

/** Starts another process that swaps a folder for a link while a test works on it. @param at made if absent; removed only if not given. */
export async function startSwappedFolder(at?: string): Promise<SwappedFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'swapped-'));
  const [root, outside] = [at ?? join(folder, 'root'), join(folder, 'outside')];
  mkdirSync(join(root, 'dir'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(root, 'dir', 'file'), 'inside');
  writeFileSync(join(outside, 'file'), 'outside');
  writeFileSync(join(outside, 'only-outside'), 'outside');
  const end = await startSwapping({ root, names: ['dir'], outside });
  return {
    root,
    outside,
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
