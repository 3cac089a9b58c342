import { randomUUID } from 'node:crypto';
import type { Project } from '../src/common/projects/project.entity';
import type { Capacity } from '../src/common/queue/choose-runs';
import type { NewRun } from '../src/common/queue/queue-store';
import type { ProcessHandle, RunHandle } from '../src/common/queue/run-handle';
import type { Run } from '../src/common/queue/run.entity';
import type { Assignment } from '../src/runner/executors/executor';
import type { User } from '../src/common/users/user.entity';

/** Valid by default; a test names only what it is about. */

const BEGIN_MS = 1_760_000_000_000;

export function aUser(over: Partial<User> = {}): User {
  const id = over.id ?? randomUUID();
  return {
    id,
    kind: 'account',
    email: `${id.slice(0, 8)}@example.org`,
    displayName: `person ${id.slice(0, 4)}`,
    passwordHash: null,
    guestKeyHash: null,
    isAdmin: false,
    confirmedMs: null,
    leavingMs: null,
    unwarnedMs: null,
    suspendedMs: null,
    suspendedWhy: null,
    removingMs: null,
    inboxMs: null,
    createdMs: BEGIN_MS,
    lastSeenMs: BEGIN_MS,
    ...over,
  };
}

export function aGuest(over: Partial<User> = {}): User {
  const key = randomUUID().replaceAll('-', '');
  return aUser({ kind: 'guest', email: null, displayName: 'Guest 1A2B', guestKeyHash: `${key}${key}`, ...over });
}

export function aProject(over: Partial<Project> = {}): Project {
  const ownerId = over.ownerId ?? randomUUID();
  return {
    id: randomUUID(),
    ownerId,
    homeId: ownerId,
    name: 'Spleen, slide 4',
    createdMs: BEGIN_MS,
    changedMs: BEGIN_MS,
    keepUntilMs: null,
    ...over,
  };
}

export function aNewRun(over: Partial<NewRun> = {}): NewRun {
  return {
    submissionId: randomUUID(),
    pipelineId: 'nuclei',
    pipelineTitle: 'Nuclei',
    projectId: randomUUID(),
    ownerId: randomUUID(),
    parameters: {},
    manifest: {},
    timeLimitSeconds: 3600,
    maxStarts: 1,
    pipelineLimit: null,
    engine: 'process',
    needs: { cpu: 1000, memory: 0, gpus: 0 },
    ...over,
  };
}

/** A runner with so many places and nothing else that limits it. */
export function aCapacity(over: Partial<Capacity> = {}): Capacity {
  const engines: Capacity['engines'] = ['process', 'docker', 'handoff', 'slurm'];
  return { name: 'runner-1', engines, slots: 100, remoteSlots: 100, cpu: 1_000_000, memory: 1_000_000, gpuIds: [], ...over };
}

/** What an executor is asked to carry out. @param folder of the control files. */
export function anAssignment(over: Partial<Assignment> & Pick<Assignment, 'folder' | 'cwd'>): Assignment {
  const argv = over.argv ?? ['/bin/sh', '-c', 'exit 0'];
  return {
    runId: 1,
    attempt: 1,
    runtime: { kind: 'process', command: argv, env: {} },
    pipelineFolder: over.folder,
    argv,
    projectFolder: over.cwd,
    inputs: [],
    env: {},
    needs: { cpu: 1000, memory: 0, gpus: 0 },
    limits: {},
    gpuIds: [],
    timeLimitSeconds: 3600,
    ...over,
  };
}

/** The handle of a local process. @throws when it is none. */
export function processHandle({ handle }: { handle: RunHandle | null }): ProcessHandle {
  if (handle?.kind !== 'process') throw new Error(`not a process: ${JSON.stringify(handle)}`);
  return handle;
}

/** A run as it stands in the queue right after it was asked for. */
export function aRun(over: Partial<Run> = {}): Run {
  const { parameters: _parameters, manifest: _manifest, needs, ...asked } = aNewRun();
  return {
    ...asked,
    id: 12,
    state: 'queued',
    rank: 0,
    fence: 0,
    attempt: 0,
    starts: 0,
    startFailures: 0,
    needCpu: needs.cpu,
    needMemory: needs.memory,
    needGpus: needs.gpus,
    gpuIds: null,
    engineNote: null,
    begunMs: null,
    runnerName: null,
    handle: null,
    cancelRequestedMs: null,
    stopReason: null,
    note: null,
    exitCode: null,
    progress: null,
    progressText: null,
    requestedMs: BEGIN_MS,
    availableMs: BEGIN_MS,
    startedMs: null,
    finishedMs: null,
    keep: false,
    holdBy: null,
    dueMs: null,
    keepUntilMs: null,
    doomedMs: null,
    warnedMs: null,
    warningId: null,
    ...over,
  };
}
