/**
 * The first import of every entrypoint. It imports nothing that needs a new Node, because its work is to notice an old one:
 * better-sqlite3 13 crashes without a word on Node 20, so such a start is handed to the Node 24 that npm installed beside us.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { EXIT_CONFIG } from './exit-status';

export const OLDEST_NODE = '22.12';

export interface Entrypoint {
  /** What `--help` prints. */
  help: string;
  /** Loads and starts the program; resolves once it runs (daemons) or is done (commands), with an optional exit status. */
  start: () => Promise<number | void>;
}

/** Runs an entrypoint on a Node that can carry it, and turns a failed start into one readable line and an exit status. */
export async function runEntrypoint(entrypoint: Entrypoint): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(`${entrypoint.help.trim()}\n`);
    return;
  }
  if (!isNewEnough(process.versions.node)) {
    handOver();
    return;
  }
  try {
    const status = await entrypoint.start();
    if (typeof status === 'number') process.exitCode = status;
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exit(exitStatusOf(error));
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = OLDEST_NODE.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function handOver(): void {
  const bundled = resolve(join(__dirname, '..', '..', 'node_modules', '.bin', 'node'));
  if (!existsSync(bundled)) {
    process.stderr.write(
      `Node ${process.versions.node} is too old: Showrunner needs ${OLDEST_NODE} or newer. Run "npm install" in ${resolve(__dirname, '..', '..')}, which brings Node 24.\n`,
    );
    process.exit(EXIT_CONFIG);
  }
  const child = spawn(bundled, process.argv.slice(1), { stdio: 'inherit' });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Cannot start ${bundled}: ${error.message}\n`);
    process.exit(EXIT_CONFIG);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A StartupError is written for the operator; anything else is a defect and needs its stack in the log.
  return error.name === 'StartupError' ? error.message : (error.stack ?? error.message);
}

function exitStatusOf(error: unknown): number {
  const status = (error as { exitStatus?: unknown } | null)?.exitStatus;
  return typeof status === 'number' ? status : 1;
}
