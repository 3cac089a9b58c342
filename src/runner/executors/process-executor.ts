import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import { isElsewhere, type ProcessHandle, type RunHandle } from '../../common/queue/run-handle';
import { text } from '../../locales/text';
import { AttemptFiles } from './attempt-files';
import { Bell } from './bell';
import { findHierarchies } from './cgroup-hierarchies';
import { ControlGroups } from './control-groups';
import { Executor, type Assignment, type Execution, type HeldProgram, type Observation } from './executor';
import { isAlive, readBootId, readProcess } from './process-table';
import { askTreeToEnd, findTree, killTree, type TreeKey } from './process-tree';
import { causeOf, limitsFor, partOutOfMemory, processLimits, type LimitRecord, type ResourceLimits } from './resource-limits';
import { refuseHopeless } from './refuse-hopeless';
import { keepAwake, StuckSupervisor } from './stuck-supervisor';
import { SupervisorLanes, type Prepared, type Room } from './supervisor-lanes';
import { tryExecutor } from './try-executor';

const BLOCK_BYTES = 512;
/** Between two looks at a program of which nobody tells us the end, and at one of which its lane does. */
const LOOK_MS = { unheard: 250, heard: 2000 };
/** While a program is being stopped: often at first, since most obey at once. */
const STOP_LOOK_MS = { first: 10, most: 250 };
const SWEEP_LOOK_MS = 5;
const LOG_END_MS = 2000;
/** Programs as local processes, each under a supervisor of its own (`supervise.sh`) that outlives this runner. */
@Injectable()
export class ProcessExecutor extends Executor implements OnApplicationShutdown {
  readonly engine = 'process';
  readonly bootId = readBootId();
  readonly host = hostname();
  private readonly logger = new Logger('Runner');
  private readonly lanes: SupervisorLanes;
  private groups: ControlGroups;
  /** What was set for the attempts that this process began. */
  private readonly records = new WeakMap<RunHandle, LimitRecord>();

  constructor(private readonly config: AppConfig) {
    super();
    this.lanes = new SupervisorLanes(config.programEnvironment, {
      make: (lane) => this.groups.makeRoom(lane),
      remove: ({ folder }) => this.groups.remove([folder]),
    });
    const { RUNNER_CGROUP } = config.settings;
    const hierarchies =
      RUNNER_CGROUP === 'off'
        ? []
        : findHierarchies(
            readFileSync('/proc/self/mountinfo', 'utf8'),
            readFileSync('/proc/self/cgroup', 'utf8'),
            RUNNER_CGROUP === 'auto' ? null : RUNNER_CGROUP,
          );
    this.groups = new ControlGroups(hierarchies, prefixOf(config.runsRoot));
  }

  async check(): Promise<void> {
    const root = this.config.runsRoot;
    try {
      await mkdir(root, { recursive: true });
      if (this.groups.areThere) await this.tryGroups();
      await tryExecutor(this, root);
    } catch (error) {
      throw new StartupError(text('runner.cannotRun', { folder: root, reason: reasonOf(error) }));
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.lanes.close();
  }

  /** Control groups that are there and do not work (not delegated, for example) are done without. */
  private async tryGroups(): Promise<void> {
    try {
      await tryExecutor(this, this.config.runsRoot);
    } catch (error) {
      this.logger.warn(text('runner.noControlGroups', { reason: reasonOf(error) }));
      await this.lanes.renew();
      this.groups = new ControlGroups([], '');
    }
  }

  async prepare(assignment: Assignment): Promise<HeldProgram> {
    await refuseHopeless(assignment);
    const files = new AttemptFiles(assignment.folder);
    const limits = limitsFor(assignment, this.config);
    let record: LimitRecord = { inForce: [], groups: [] };
    let noted: Promise<void> | undefined;
    const wordsIn = async (room: Room | null) => {
      const { folders, entrances, inForce } = await this.makeGroups(assignment, limits, room, files);
      const single = processLimits(limits, inForce, assignment);
      record = { inForce: [...inForce, ...single.inForce], groups: folders };
      // Beside the supervisor; what comes of it is heard below.
      noted = record.inForce.length + folders.length > 0 ? files.writeLimits(record) : undefined;
      noted?.catch(() => undefined);
      return this.wordsFor(assignment, entrances, single.words);
    };
    const prepared = await this.lanes.prepare({ folder: assignment.folder, wordsIn, onEnded: () => files.secureExitRecord() });
    const held = this.hold(assignment, prepared, record, files);
    try {
      await noted;
      return held;
    } catch (error) {
      await held.discard();
      throw error;
    }
  }

  /** Beside them, room for the record of the end. @throws the system's error; no group is left then but the room. */
  private async makeGroups(assignment: Assignment, limits: ResourceLimits, room: Room | null, files: AttemptFiles) {
    const [made, reserved] = await Promise.allSettled([this.groups.make(assignment, limits, room), files.reserveRecords()]);
    if (made.status === 'rejected') throw made.reason;
    if (reserved.status === 'fulfilled') return made.value;
    await this.groups.remove(made.value.folders.filter((folder) => folder !== room?.folder));
    throw reserved.reason;
  }

  private hold(assignment: Assignment, { turn, identity }: Prepared, record: LimitRecord, files: AttemptFiles): HeldProgram {
    const handle = { kind: 'process', ...identity, host: this.host, bootId: this.bootId } as const;
    this.records.set(handle, record);
    let isOpen = true;
    const decide = async (word: 'go' | 'no') => {
      if (isOpen) await turn.lane.say(word);
      isOpen = false;
    };
    return {
      handle,
      go: () => decide('go'),
      discard: async () => {
        if (!isOpen) return;
        await decide('no');
        await turn.free;
        await this.removeGroups({ ...assignment, engine: this.engine, handle }, files);
      },
    };
  }

  /** As `supervise.sh` reads them, without the folder. */
  private wordsFor({ attempt, cwd, env, argv }: Assignment, entrances: readonly string[], limits: readonly string[]): string[] {
    const blocks = Math.max(1, Math.floor(this.config.settings.MAX_LOG / BLOCK_BYTES));
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const counts = [entrances, limits, variables].map(({ length }) => String(length));
    const rest = [...counts, ...entrances, ...limits, ...variables, ...argv];
    return [String(attempt), String(blocks), `\n${text('runner.logCut')}\n`, cwd, String(rest.length), ...rest];
  }

  async observe(execution: Execution): Promise<Observation> {
    const handle = processHandle(execution.handle);
    const files = new AttemptFiles(execution.folder);
    const known = await this.recordOf(execution, files);
    if (known) return known;
    if (handle && isElsewhere(handle, this)) return { kind: 'elsewhere', evidence: text('runner.otherHost', { host: handle.host }) };
    if (handle && handle.bootId !== this.bootId) return { kind: 'dead', evidence: text('runner.restarted') };
    const supervised = handle !== null && keepAwake(handle);
    const begun = await files.wasLetGo();
    if (supervised) return { kind: begun ? 'running' : 'held' };
    // It may have written its record, or begun, between the two looks.
    const late = await this.recordOf(execution, files);
    if (late) return late;
    if (!(await files.wasLetGo())) return { kind: 'never_began' };
    const left = handle ? await this.countLeft(execution, handle, files) : 0;
    if (left > 0) return { kind: 'orphaned', evidence: text('runner.supervisorGone', { count: left }) };
    return { kind: 'dead', evidence: text('runner.deadWithoutRecord') };
  }

  async change(execution: Execution, signal: AbortSignal): Promise<void> {
    const bell = new Bell();
    let isOver = false;
    void this.lanes.of(execution.folder)?.ended.finally(() => {
      isOver = true;
      bell.ring();
    });
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const turn = this.lanes.of(execution.folder);
      // Where nobody tells us before any waiting: it may have ended since it was looked at.
      if (!turn || !isFirst) {
        const { kind } = await this.observe(execution).catch(() => ({ kind: 'running' }));
        if (kind !== 'running' && kind !== 'held') return;
      }
      if (!isOver || !turn) await bell.pause(turn ? LOOK_MS.heard : LOOK_MS.unheard, signal);
      if (isOver && turn?.lane.isAlive) return;
    }
  }

  seal({ folder }: Execution): Promise<boolean> {
    return new AttemptFiles(folder).seal();
  }

  async stop(execution: Execution, graceMs: number): Promise<void> {
    const handle = processHandle(execution.handle);
    if (!handle || !this.isHere(handle)) return;
    const files = new AttemptFiles(execution.folder);
    const groups = await this.groupsOf(execution, files);
    // Without room for the word it is ended all the same; only an answer with a success then looks like a success.
    if (await this.hasLife(execution)) await files.markAsked().catch((error: unknown) => this.logger.warn(reasonOf(error)));
    const deadline = performance.now() + graceMs;
    const asked = new Set<string>();
    const supervisor = new StuckSupervisor(handle);
    for (let pause = STOP_LOOK_MS.first; await this.hasLife(execution); pause = Math.min(2 * pause, STOP_LOOK_MS.most)) {
      const key = await treeKey(handle, files);
      if (performance.now() >= deadline) supervisor.note((await this.groups.kill(groups)) + (await killTree(key)));
      else askTreeToEnd(key, asked, await this.groups.pids(groups));
      await sleep(Math.min(pause, Math.max(1, deadline - performance.now())));
    }
  }

  async sweep(execution: Execution): Promise<number> {
    const handle = processHandle(execution.handle);
    if (!handle || !this.isHere(handle)) return 0;
    const files = new AttemptFiles(execution.folder);
    const groups = await this.groupsOf(execution, files);
    // What is in no group is looked for among all processes of the machine, which costs more than all else here.
    const removed = groups.length > 0 ? await this.groups.kill(groups) : await killTree(await treeKey(handle, files));
    await this.untilLogged(execution.folder, handle);
    await this.removeGroups(execution, files, groups);
    return removed;
  }

  override async removeOrphans(isWanted: (runId: number, attempt: number) => Promise<boolean>): Promise<void> {
    // Trials of runners that start at this moment have the number of their process.
    await this.groups.removeOrphans(async (runId, attempt) => (runId === 0 ? readProcess(attempt) !== null : isWanted(runId, attempt)));
  }

  /** With the last writer gone the supervisor sees the end of the log. */
  private async untilLogged(folder: string, { pid, startTicks }: ProcessHandle): Promise<void> {
    const turn = this.lanes.of(folder);
    if (turn?.lane.isAlive) {
      const patience = new AbortController();
      await Promise.race([turn.logged, sleep(LOG_END_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
      return patience.abort();
    }
    for (let waited = 0; waited < LOG_END_MS && isAlive(pid, startTicks); waited += SWEEP_LOOK_MS) await sleep(SWEEP_LOOK_MS);
  }

  /** Keeps what only the groups know, and removes them if nothing is in them. */
  private async removeGroups(execution: Execution, files: AttemptFiles, known?: string[]): Promise<void> {
    const groups = known ?? (await this.groupsOf(execution, files));
    if (groups.length === 0) return;
    if (await this.groups.sawOutOfMemory(groups)) await files.noteOutOfMemory().catch((error: unknown) => this.logger.warn(String(error)));
    await this.groups.remove(groups);
  }

  private async groupsOf(execution: Execution, files: AttemptFiles): Promise<string[]> {
    const { groups } = (execution.handle && this.records.get(execution.handle)) ?? (await files.limits());
    return this.groups.ownOf(execution, groups);
  }

  private isHere(handle: ProcessHandle): boolean {
    return handle.bootId === this.bootId;
  }

  private async countLeft(execution: Execution, handle: ProcessHandle, files: AttemptFiles): Promise<number> {
    const tree = findTree(await treeKey(handle, files)).map(({ pid }) => pid);
    return new Set([...tree, ...(await this.groups.pids(await this.groupsOf(execution, files)))]).size;
  }

  /** Whether anything of the program runs, or is about to: between the marker and the program lies an instant without a tree. */
  private async hasLife(execution: Execution): Promise<boolean> {
    const { kind } = await this.observe(execution);
    if (kind === 'running' || kind === 'orphaned') return true;
    // What is let go in this instant has begun when it cannot be sealed.
    if (kind === 'held' && !(await this.seal(execution))) return true;
    await this.sweep(execution);
    return false;
  }

  private async recordOf(execution: Execution, files: AttemptFiles): Promise<Observation | null> {
    const exitCode = await files.exitCode(execution.attempt);
    if (exitCode === null) return null;
    const ended = { kind: 'ended', exitCode, asked: await files.wasAsked() } as const;
    const oom = (await files.hasOutOfMemory()) || (await this.groups.sawOutOfMemory(await this.groupsOf(execution, files)));
    if (exitCode === 0) return oom && !ended.asked ? { ...ended, ...partOutOfMemory() } : ended;
    const { inForce } = await files.limits();
    return { ...ended, ...causeOf(exitCode, inForce, oom) };
  }
}

/** Told apart by their folder for control files: two installations on one machine have different ones. */
function prefixOf(runsRoot: string): string {
  return `showrunner-${createHash('sha256').update(runsRoot).digest('hex').slice(0, 8)}`;
}

async function treeKey({ pid, startTicks }: ProcessHandle, files: AttemptFiles): Promise<TreeKey> {
  return { leader: await files.payload(), since: startTicks, mark: `SHOWRUNNER_MARK=${pid}-${startTicks}` };
}

function processHandle(handle: RunHandle | null): ProcessHandle | null {
  return handle?.kind === 'process' ? handle : null;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
