import { randomUUID } from 'node:crypto';
import type { Project } from '../src/common/projects/project.entity';
import type { NewRun } from '../src/common/queue/queue-store';
import type { Run } from '../src/common/queue/run.entity';
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
  return { id: randomUUID(), ownerId: randomUUID(), name: 'Spleen, slide 4', createdMs: BEGIN_MS, changedMs: BEGIN_MS, ...over };
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
    ...over,
  };
}

/** A run as it stands in the queue right after it was asked for. */
export function aRun(over: Partial<Run> = {}): Run {
  const { parameters: _parameters, manifest: _manifest, ...asked } = aNewRun();
  return {
    ...asked,
    id: 12,
    state: 'queued',
    rank: 0,
    fence: 0,
    attempt: 0,
    starts: 0,
    startFailures: 0,
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
    ...over,
  };
}
