import { createHash, randomBytes } from 'node:crypto';
import { readBootId, readProcess } from '../processes/process-entry';

/** `machine-pid-start-random`, short enough for the column that holds it. */
const HOLDER = /^([0-9a-f]{12})-([0-9a-z]{1,5})-([0-9a-z]{1,8})-[0-9a-f]{8}$/;
const RANDOM_BYTES = 4;

/** Stands for this boot of this machine and the processes that see one another on it. */
let machine: string | undefined;

/** An id for somebody who is about to hold an upload, by which other processes of the machine can see whether he still can. */
export function newHolder(): string {
  const start = Number(readProcess(process.pid)?.startTicks ?? 0);
  return [thisMachine(), process.pid.toString(36), start.toString(36), randomBytes(RANDOM_BYTES).toString('hex')].join('-');
}

/**
 * Whether the process behind this id is gone beyond doubt, with all its threads: nothing of it writes any more. False for processes of other
 * machines and containers, which cannot be seen from here, and in any doubt.
 */
export function isHolderDead(holder: string): boolean {
  const [, where, pid, start] = HOLDER.exec(holder) ?? [];
  if (where !== thisMachine() || pid === undefined || start === undefined) return false;
  const number = Number.parseInt(pid, 36);
  if (!isTaken(number)) return true;
  // One that ended but was not collected yet (a zombie) may have threads that are still at a last write.
  const now = readProcess(number);
  return now !== null && now.startTicks !== Number.parseInt(start, 36).toString();
}

/** Asked of the kernel, because /proc may hide the processes of other users. */
function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function thisMachine(): string {
  machine ??= createHash('sha256').update(readBootId()).digest('hex').slice(0, 12);
  return machine;
}
