import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSmallFile } from './executors/process-table';

const NAME = 'deadline';

/**
 * The end of a run's time by the clock that counts since the machine was started, which nobody can set: whoever takes the run over on this
 * machine goes by it. The clock of the database may have been stepped by an hour since the run began, and would end it, or let it go on.
 * @param folder of the control files of the attempt.
 * @param leftMs until its time is over.
 */
export async function keepDeadline(folder: string, bootId: string, leftMs: number): Promise<void> {
  const deadline = (await uptimeMs()) + leftMs;
  // Whole or not at all: a runner may die in between.
  const written = join(folder, `${NAME}.tmp`);
  await writeFile(written, `${bootOf(bootId)} ${Math.round(deadline)}\n`);
  await rename(written, join(folder, NAME));
}

/** Milliseconds until the kept deadline; null where none was kept since this machine was started. */
export async function readDeadline(folder: string, bootId: string): Promise<number | null> {
  const [boot, deadline] = ((await readSmallFile(join(folder, NAME))) ?? '').split(' ');
  if (boot !== bootOf(bootId) || !/^-?\d+$/.test(deadline ?? '')) return null;
  return Number(deadline) - (await uptimeMs());
}

/** Without the PID namespace: containers of one machine share its clock. */
function bootOf(bootId: string): string {
  return bootId.split('/')[0];
}

async function uptimeMs(): Promise<number> {
  return Number.parseFloat(await readFile('/proc/uptime', 'latin1')) * 1000;
}
