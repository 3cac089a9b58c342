import { spawn, type ChildProcess } from 'node:child_process';
import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { Supervisor } from './supervisor';

const QUIET_MS = 600;

/**
 * `npm run dev`: the compiler watches `src`; when what runs has changed, the processes are started anew. Templates are read at the start,
 * so they count as code; files for browsers are built again first.
 * @returns what ends it.
 */
export function watchSources(home: string, supervisor: Pick<Supervisor, 'renew' | 'say'>): () => void {
  const compiler = startCompiler(home, supervisor);
  const renew = whenQuiet(() => {
    supervisor.say('quickstart', 'Changed; starting anew.');
    supervisor.renew();
  });
  const rebuild = whenQuiet(() => {
    spawn(process.execPath, [join(home, 'test', 'tools', 'build-assets.mjs')], { stdio: 'inherit' }).once('exit', renew);
  });
  const watchers: FSWatcher[] = [
    watch(join(home, 'dist'), { recursive: true }, (_event, file) => {
      if (file?.endsWith('.js') && !file.startsWith('public')) renew();
    }),
    watch(join(home, 'views'), { recursive: true }, renew),
    watch(join(home, 'src', 'browser'), { recursive: true }, rebuild),
  ];
  return () => {
    for (const watcher of watchers) watcher.close();
    compiler.kill();
  };
}

function startCompiler(home: string, supervisor: Pick<Supervisor, 'say'>): ChildProcess {
  const words = [
    join(home, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    home,
    '--watch',
    '--preserveWatchOutput',
    '--pretty',
    'false',
  ];
  const compiler = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  compiler.stdout?.on('data', (piece: Buffer) => {
    for (const line of piece.toString().split('\n')) if (line.trim() !== '') supervisor.say('build', line.trimEnd());
  });
  return compiler;
}

/** Calls `work` once nothing has happened for a moment: a compiler writes many files. */
function whenQuiet(work: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, QUIET_MS);
  };
}
