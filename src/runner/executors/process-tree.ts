import { setTimeout as sleep } from 'node:timers/promises';
import { carries, processesSince, readProcess, type ProcessEntry } from './process-table';

const MOST_ROUNDS = 200;
const ROUND_MS = 10;

/** What is known of the program of one execution. */
export interface TreeKey {
  /** First process of the program and leader of its session; null when it is not known (it was killed before it said so). */
  leader: { pid: number; startTicks: string } | null;
  /** The supervisor's start: nothing of the tree is older. */
  since: string;
  /** `NAME=value` that the whole tree inherited. */
  mark: string;
}

/**
 * Everything that belongs to a program: its session, its process group, what carries its mark (also after `setsid` and after its parent
 * died), and all descendants of these.
 */
export function findTree(key: TreeKey): ProcessEntry[] {
  const candidates = processesSince(key.since);
  const { leader } = key;
  // The number of a leader that is long gone may name somebody else's session by now.
  const taken = candidates.some((entry) => entry.pid === leader?.pid && entry.startTicks !== leader.startTicks);
  const known = taken ? { ...key, leader: null } : key;
  const found = new Map<number, ProcessEntry>();
  for (const entry of candidates) if (belongs(entry, known)) found.set(entry.pid, entry);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const entry of candidates) if (found.has(entry.parent)) found.set(entry.pid, entry);
  }
  return [...found.values()];
}

function belongs(entry: ProcessEntry, { leader, mark }: TreeKey): boolean {
  if (leader && Number(entry.startTicks) >= Number(leader.startTicks)) {
    // Itself too: for an instant it has no session of its own yet.
    if (entry.pid === leader.pid || entry.session === leader.pid || entry.group === leader.pid) return true;
  }
  return carries(entry.pid, mark);
}

/**
 * Asks every process of the tree to end, each once; CONT wakes what was stopped, so that it hears it.
 * @param more processes that belong to it, whatever they look like.
 */
export function askTreeToEnd(key: TreeKey, asked: Set<string>, more: readonly number[]): void {
  for (const entry of [...findTree(key), ...more.map(readProcess)]) {
    if (!entry) continue;
    const { pid, startTicks } = entry;
    const name = `${pid}-${startTicks}`;
    if (asked.has(name)) continue;
    asked.add(name);
    sendSignal(pid, 'SIGTERM');
    sendSignal(pid, 'SIGCONT');
  }
}

/** Kills until nothing is left: a tree that forks while it is killed takes several rounds. @returns how many were killed. */
export async function killTree(key: TreeKey): Promise<number> {
  const killed = new Set<number>();
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const tree = findTree(key);
    if (tree.length === 0) return killed.size;
    for (const { pid } of tree) {
      killed.add(pid);
      sendSignal(pid, 'SIGKILL');
    }
    await sleep(ROUND_MS);
  }
  // In the kernel's hands (a dead network disk): it ends when that lets go, and nothing more can be done to it.
  return killed.size;
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
