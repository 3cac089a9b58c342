import { existsSync } from 'node:fs';
import { readdir, readFile, rmdir, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hierarchy } from './cgroup-hierarchies';
import { isWanted, setLimit } from './cgroup-limits';
import { isAlive } from './process-table';
import type { LimitInForce, ResourceLimits } from './resource-limits';
import type { Identity } from './supervisor-lane';
import type { Room } from './supervisor-lanes';

const MOST_ROUNDS = 200;
const ROUND_MS = 10;
/**
 * The files into which a process writes `0` to enter a group: with all of its threads, or, with version 1, as the only thread that it has.
 * The latter waits for nobody.
 */
const PROCESSES = 'cgroup.procs';
const THREADS = 'tasks';

interface Made {
  folders: string[];
  entrances: string[];
  inForce: LimitInForce[];
}

interface Attempt {
  runId: number;
  attempt: number;
}

/**
 * Control groups of the kernel, one set for each attempt: they hold limits for all processes of a program together, and nothing
 * leaves them by a fork, a session of its own, or the death of its parent. Found again by name, which is that of the attempt.
 *
 * To move a process into a group of version 2 takes ten milliseconds, so there programs are moved before anybody knows which they are.
 * Such a group (a room) is called after the lane that it is made for, and an empty group in it after the attempt.
 */
export class ControlGroups {
  private rooms = 0;

  /** @param prefix of all names, different for each installation on this machine. */
  constructor(
    private readonly hierarchies: readonly Hierarchy[],
    private readonly prefix: string,
  ) {}

  get areThere(): boolean {
    return this.hierarchies.length > 0;
  }

  /** Makes a group for the next program of a lane. @returns null where there is no version 2; rejects never. */
  async makeRoom({ pid, startTicks }: Identity): Promise<Room | null> {
    const second = this.hierarchies.find(({ version }) => version === 2);
    if (!second) return null;
    this.rooms += 1;
    const folder = join(second.folder, `${this.prefix}-lane-${pid}-${startTicks}-${this.rooms}`);
    try {
      await mkdir(folder);
      return { folder, entrance: join(folder, PROCESSES) };
    } catch {
      // What stands against it is told where the group of an attempt is made instead.
      return null;
    }
  }

  /**
   * Makes the groups of an attempt.
   * @param room that its program is in already.
   * @returns their folders, the files by which it enters those that it is not in yet, and what they hold.
   * @throws what the kernel refuses; nothing is left then.
   */
  async make(attempt: Attempt, limits: ResourceLimits, room: Room | null = null): Promise<Made> {
    const inForce: LimitInForce[] = [];
    const folders: string[] = [];
    const entrances: string[] = [];
    try {
      for (const hierarchy of this.ordered()) {
        const wanted = hierarchy.controllers.filter((controller) => isWanted(controller, limits));
        // The first serves to find and to end everything; a further one only what it limits.
        if (folders.length > 0 && wanted.length === 0) continue;
        const isReady = room !== null && dirname(room.folder) === hierarchy.folder;
        const folder = isReady ? room.folder : join(hierarchy.folder, this.nameOf(attempt));
        folders.push(folder);
        if (isReady) await mkdir(join(folder, this.nameOf(attempt)));
        else entrances.push(join(await makeGroup(folder), hierarchy.version === 1 ? THREADS : PROCESSES));
        for (const controller of wanted) {
          const set = await setLimit(folder, hierarchy.version, controller, limits);
          if (set) inForce.push(set);
        }
      }
    } catch (error) {
      await this.remove(folders);
      throw error;
    }
    return { folders, entrances, inForce };
  }

  /** Those of these folders that are groups of this attempt: a record that somebody changed must not end other processes. */
  ownOf(attempt: Attempt, folders: readonly string[]): string[] {
    const name = this.nameOf(attempt);
    return folders.filter((folder) => isAbsolute(folder) && (basename(folder) === name || this.isRoomOf(folder, name)));
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
        if (!name.startsWith(`${this.prefix}-`) || !(await this.isOrphan(join(folder, name), isWantedBy))) continue;
        await this.kill([join(folder, name)]);
        await this.remove([join(folder, name)]);
      }
    }
  }

  private async isOrphan(folder: string, isWantedBy: (runId: number, attempt: number) => Promise<boolean>): Promise<boolean> {
    const [, pid, startTicks] = /-lane-(\d+)-(\d+)-\d+$/.exec(folder) ?? [];
    const names = pid === undefined ? [folder] : await groupsIn(folder);
    const found = names.map((path) => this.attemptOf(basename(path))).find((attempt) => attempt !== null);
    if (found) return !(await isWantedBy(found.runId, found.attempt));
    // A room that waits for a program is wanted as long as there is a lane to bring one.
    return pid !== undefined && startTicks !== undefined && !isAlive(Number(pid), startTicks);
  }

  private isRoomOf(folder: string, name: string): boolean {
    return basename(folder).startsWith(`${this.prefix}-lane-`) && existsSync(join(folder, name));
  }

  private attemptOf(name: string): Attempt | null {
    const [, runId, attempt] = /^-(\d+)-(\d+)$/.exec(name.startsWith(this.prefix) ? name.slice(this.prefix.length) : '') ?? [];
    return runId === undefined ? null : { runId: Number(runId), attempt: Number(attempt) };
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
