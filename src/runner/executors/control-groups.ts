import { existsSync } from 'node:fs';
import { readdir, readFile, rmdir, mkdir, writeFile } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Controller, Hierarchy } from './cgroup-hierarchies';
import type { LimitInForce, LimitName, ResourceLimits } from './resource-limits';

const MOST_ROUNDS = 200;
const ROUND_MS = 10;
const CPU_PERIOD_US = 100_000;
const CPU_SHARES = 1024;
const CPU_WEIGHT = 100;

/** Files of a control group and what to write into them; what may be missing is marked. */
interface Entry {
  file: string;
  value: string;
  optional?: boolean;
}

interface Attempt {
  runId: number;
  attempt: number;
}

/**
 * Control groups of the kernel, one set for each attempt: they hold limits for all processes of a program together, and nothing
 * leaves them by a fork, a session of its own, or the death of its parent. Found again by name.
 */
export class ControlGroups {
  /** @param prefix of all names, different for each installation on this machine. */
  constructor(
    private readonly hierarchies: readonly Hierarchy[],
    private readonly prefix: string,
  ) {}

  get areThere(): boolean {
    return this.hierarchies.length > 0;
  }

  /** Makes the groups of an attempt. @throws what the kernel refuses; nothing is left then. */
  async make(attempt: Attempt, limits: ResourceLimits): Promise<{ folders: string[]; inForce: LimitInForce[] }> {
    const inForce: LimitInForce[] = [];
    const folders: string[] = [];
    try {
      for (const hierarchy of this.ordered()) {
        const wanted = hierarchy.controllers.filter((controller) => isWanted(controller, limits));
        // The first serves to find and to end everything; a further one only what it limits.
        if (folders.length > 0 && wanted.length === 0) continue;
        const folder = join(hierarchy.folder, this.nameOf(attempt));
        folders.push(await makeGroup(folder));
        for (const controller of wanted) {
          const set = await setLimit(folder, hierarchy.version, controller, limits);
          if (set) inForce.push(set);
        }
      }
    } catch (error) {
      await this.remove(folders);
      throw error;
    }
    return { folders, inForce };
  }

  /** Those of these folders that are groups of this attempt: a record that somebody changed must not end other processes. */
  ownOf(attempt: Attempt, folders: readonly string[]): string[] {
    return folders.filter((folder) => isAbsolute(folder) && basename(folder) === this.nameOf(attempt));
  }

  /** Everything that runs in them. */
  async pids(folders: readonly string[]): Promise<number[]> {
    const [first] = folders;
    if (first === undefined) return [];
    // Version 2 tells of a whole tree in one word that there is nothing.
    return /^populated 0$/m.test(await read(join(first, 'cgroup.events'))) ? [] : pidsBelow(first);
  }

  /** Ends everything in them. @returns how many processes that were. */
  async kill(folders: readonly string[]): Promise<number> {
    const killed = new Set<number>();
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const pids = await this.pids(folders);
      if (pids.length === 0) break;
      for (const pid of pids) killed.add(pid);
      await killOnce(folders, pids);
      await sleep(ROUND_MS);
    }
    return killed.size;
  }

  /** Whether the kernel ended something in them because the memory of the group was used up. */
  async sawOutOfMemory(folders: readonly string[]): Promise<boolean> {
    const files = folders.flatMap((folder) => ['memory.events', 'memory.oom_control'].map((file) => join(folder, file)));
    // Looked up without waiting: most of them are not there.
    const texts = files.filter((file) => existsSync(file)).map(read);
    return (await Promise.all(texts)).some((told) => Number(/^oom_kill (\d+)$/m.exec(told)?.[1] ?? 0) > 0);
  }

  /** Removes empty groups. @returns false when something is in them. */
  async remove(folders: readonly string[]): Promise<boolean> {
    let done = true;
    for (const folder of folders) done = (await removeBelow(folder)) && done;
    return done;
  }

  /** Removes the groups of this installation that no run wants, with what runs in them. */
  async removeOrphans(isWantedBy: (runId: number, attempt: number) => Promise<boolean>): Promise<void> {
    for (const { folder } of this.hierarchies) {
      for (const name of await readdir(folder).catch(() => [])) {
        const [, runId, attempt] = /^-(\d+)-(\d+)$/.exec(name.startsWith(this.prefix) ? name.slice(this.prefix.length) : '') ?? [];
        if (runId === undefined || (await isWantedBy(Number(runId), Number(attempt)))) continue;
        await this.kill([join(folder, name)]);
        await this.remove([join(folder, name)]);
      }
    }
  }

  /** Version 2 first: only there one word to the kernel ends all of a group at once. */
  private ordered(): Hierarchy[] {
    return this.hierarchies.toSorted((one, other) => other.version - one.version);
  }

  private nameOf({ runId, attempt }: Attempt): string {
    return `${this.prefix}-${runId}-${attempt}`;
  }
}

/** A group of this name from before belongs to nobody: attempts are never counted down. */
async function makeGroup(folder: string): Promise<string> {
  try {
    await mkdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await killOnce([folder], await pidsBelow(folder));
    await removeBelow(folder);
    await mkdir(folder);
  }
  return folder;
}

function isWanted(controller: Controller, limits: ResourceLimits): boolean {
  return { memory: limits.memoryBytes, cpu: limits.cpu, pids: limits.processes }[controller] !== null;
}

const LIMIT_OF = { memory: 'memoryBytes', cpu: 'cpu', pids: 'processes' } as const satisfies Record<Controller, LimitName>;

async function setLimit(folder: string, version: 1 | 2, controller: Controller, limits: ResourceLimits): Promise<LimitInForce | null> {
  const name = LIMIT_OF[controller];
  const amount = limits[name];
  if (amount === null) return null;
  for (const { file, value, optional } of entriesFor(version, controller, amount)) {
    await writeFile(join(folder, file), value).catch((error: unknown) => {
      if (!optional) throw error;
    });
  }
  return { name, amount, by: version === 1 ? 'cgroup v1' : 'cgroup v2' };
}

function entriesFor(version: 1 | 2, controller: Controller, amount: number): Entry[] {
  const value = String(amount);
  if (controller === 'pids') return [{ file: 'pids.max', value }];
  if (controller === 'cpu') {
    const quota = Math.max(1000, Math.round((amount / 1000) * CPU_PERIOD_US));
    const weight = Math.min(10_000, Math.max(1, Math.round((amount / 1000) * CPU_WEIGHT)));
    if (version === 2)
      return [
        { file: 'cpu.max', value: `${quota} ${CPU_PERIOD_US}` },
        { file: 'cpu.weight', value: String(weight), optional: true },
      ];
    return [
      { file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) },
      { file: 'cpu.cfs_quota_us', value: String(quota) },
      { file: 'cpu.shares', value: String(Math.max(2, Math.round((amount / 1000) * CPU_SHARES))), optional: true },
    ];
  }
  // Without swap: what takes more than it said ends, instead of slowing the whole machine down.
  if (version === 1) {
    return [
      { file: 'memory.limit_in_bytes', value },
      { file: 'memory.memsw.limit_in_bytes', value, optional: true },
    ];
  }
  return [
    { file: 'memory.max', value },
    { file: 'memory.swap.max', value: '0', optional: true },
    // One process of several that is killed leaves the others waiting for ever.
    { file: 'memory.oom.group', value: '1', optional: true },
  ];
}

/** By one word where the kernel has it; else nothing new may begin while each is killed. */
async function killOnce(folders: readonly string[], pids: readonly number[]): Promise<void> {
  for (const folder of folders) {
    if (await wrote(join(folder, 'cgroup.kill'), '1')) return;
  }
  for (const folder of folders) await wrote(join(folder, 'pids.max'), '0');
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // It has ended, or has another user: then it is none that we could end, and the run must not wait for that for ever.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    }
  }
}

/** The file must be there: on an ordinary disk it would be made. */
function wrote(path: string, value: string): Promise<boolean> {
  return writeFile(path, value, { flag: 'r+' }).then(
    () => true,
    () => false,
  );
}

async function pidsBelow(folder: string): Promise<number[]> {
  const own = (await read(join(folder, 'cgroup.procs'))).split('\n').filter(Boolean).map(Number);
  const below = await Promise.all((await groupsIn(folder)).map(pidsBelow));
  return [...own, ...below.flat()];
}

/** A program may have made groups of its own. */
async function groupsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

async function removeBelow(folder: string): Promise<boolean> {
  const failure = await removeGroup(folder);
  if (failure === null) return true;
  for (const inner of await groupsIn(folder)) await removeBelow(inner);
  // What was killed a moment ago is still in the kernel's hands.
  for (let round = 0; round < MOST_ROUNDS && (await removeGroup(folder)) !== null; round += 1) {
    if ((await pidsBelow(folder)).length > 0) return false;
    await sleep(ROUND_MS);
  }
  return true;
}

/** @returns the code of what stands against it; null when the group is gone. */
async function removeGroup(folder: string): Promise<string | null> {
  try {
    await rmdir(folder);
    return null;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? null : code;
  }
}

/** '' for what is not there. */
function read(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}
