import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beGentle, PROGRAM_ENDING, programOptions, usageOf } from '../../common/processes/helper-program';

export interface ProcessLimits {
  timeMs: number;
  memoryBytes: number;
  /** Takes turns with others as equals: for what somebody looks at an empty page for. */
  urgent?: boolean;
}

const LOOK_EVERY_MS = 100;

/**
 * Runs a program on an image in a process of its own, with a limit of time and of memory: a hostile file ends that process and nothing
 * else.
 * @param program path below this folder, without its ending. @param argument its one argument, as JSON.
 * @param handles file descriptors that it gets as 3, 4, …; they stay open.
 * @returns null when it succeeded, else why it did not, for the log.
 */
export function runImageProgram(program: string, argument: unknown, handles: number[], limits: ProcessLimits): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...programOptions(), join(__dirname, `${program}${PROGRAM_ENDING}`), JSON.stringify(argument)], {
      stdio: ['ignore', 'ignore', 'pipe', ...handles],
      env: { MALLOC_ARENA_MAX: '2' },
      cwd: '/',
    });
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(0, 500)));
    const stop = (reason: string) => {
      words = reason;
      child.kill('SIGKILL');
    };
    const clock = setTimeout(() => stop('time limit'), limits.timeMs);
    const watch = setInterval(
      () => void usageOf(child.pid).then(({ memory }) => memory > limits.memoryBytes && stop('memory limit')),
      LOOK_EVERY_MS,
    );
    if (limits.urgent !== true) child.on('spawn', () => beGentle(child.pid));
    const settle = (success: boolean) => {
      clearTimeout(clock);
      clearInterval(watch);
      resolve(success ? null : words.trim() || 'the process ended');
    };
    child.on('error', (error) => {
      words = error.message;
      settle(false);
    });
    child.on('close', (code) => settle(code === 0));
  });
}
