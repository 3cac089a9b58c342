import { text } from '../../../locales/text';
import { formatBytes } from '../../../browser/amounts';
import type { EndCause } from '../executor';
import { causeOf, partOutOfMemory } from '../resource-limits';
import type { Outgrown } from './attempt-files';
import { limitsInForce, type LimitingConfig } from './container-limits';

/** What `GET /containers/<id>/json` says of the life of a container. */
export interface ContainerState {
  Status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  OOMKilled: boolean;
  ExitCode: number;
  Error: string;
  StartedAt: string;
  FinishedAt: string;
}

/** An end as Docker tells those that it knows nothing of, but for this kind, of which it tells a success. */
export function withoutStatus(container: Inspected): Inspected {
  return { ...container, State: { ...container.State, ExitCode: UNKNOWN_STATUS }, isForgotten: true };
}

export interface Inspected {
  Id: string;
  Image: string;
  Config: { Labels: Record<string, string> | null };
  HostConfig: LimitingConfig;
  State: ContainerState;
  /** Ours, see `withoutStatus`. */
  isForgotten?: boolean;
}

/** How a program ended. */
export interface ContainerEnd {
  exitCode: number;
  cause?: EndCause;
  note?: string;
}

/** Docker's way to write "never". */
const NEVER = '0001-01-01';
/** What a shell reports of a command that could not be started; Docker says 127 and 126 itself, and 128 for all else. */
const NOT_STARTED = 128;
/** containerd's word for "nobody knows". */
const UNKNOWN_STATUS = 255;
const KILLED = 137;
const STOP_CODES = new Map([
  [KILLED, 'SIGKILL'],
  [143, 'SIGTERM'],
]);

export function hasBegun({ State }: Inspected): boolean {
  return State.Status !== 'created' || !State.StartedAt.startsWith(NEVER);
}

export function isLive({ State }: Inspected): boolean {
  return State.Status === 'running' || State.Status === 'paused' || State.Status === 'restarting';
}

/** Whether it was cut off by a restart of this machine. @param bootMs when that was. */
export function fellWithMachine({ State }: Inspected, bootMs: number): boolean {
  return State.Status === 'exited' && State.ExitCode === UNKNOWN_STATUS && Date.parse(State.StartedAt) < bootMs;
}

/** Whether Docker tried to start it and could not: a program that the image does not have, a device that the machine lacks. */
export function couldNotStart({ State }: Inspected): boolean {
  return State.Status === 'created' && (State.Error !== '' || State.ExitCode !== 0);
}

/**
 * The end of a container that does not run any more.
 * @param asked whether we asked it to stop. @param outgrown why we ended it without being asked. @returns null for one that has not ended.
 */
export function endOf(container: Inspected, asked: boolean, outgrown: Outgrown | null): ContainerEnd | null {
  const { State, HostConfig } = container;
  if (couldNotStart(container)) {
    return {
      exitCode: State.ExitCode || NOT_STARTED,
      cause: 'stoppedOutside',
      note: text('docker.couldNotStart', { reason: shortError(State.Error) }),
    };
  }
  if (isLive(container) || State.Status === 'created') return null;
  const exitCode = State.ExitCode;
  // Also set when a child was killed and the program went on to succeed.
  if (State.OOMKilled && exitCode === 0) return asked ? { exitCode } : { exitCode, ...partOutOfMemory() };
  const oom = State.OOMKilled;
  const limited = causeOf(exitCode, limitsInForce(HostConfig), oom);
  if (limited) return { exitCode, ...limited };
  // Without a limit of its own it can only have been the machine's.
  if (oom) return { exitCode, cause: 'outOfMemory', note: text('docker.machineOutOfMemory') };
  if (outgrown && exitCode === KILLED && !asked) return { exitCode, cause: 'outputLimit', note: outgrownNote(outgrown) };
  if (exitCode === UNKNOWN_STATUS && !asked) {
    return { exitCode, cause: 'stoppedOutside', note: text(container.isForgotten ? 'docker.statusForgotten' : 'docker.statusUnknown') };
  }
  const signal = STOP_CODES.get(exitCode);
  if (signal === undefined || asked) return { exitCode };
  return { exitCode, cause: 'stoppedOutside', note: text('docker.stoppedOutside', { signal }) };
}

function outgrownNote({ bytes, limit }: Outgrown): string {
  return text('docker.outgrown', { size: formatBytes(bytes), limit: formatBytes(limit) });
}

/** Docker wraps the reason in the names of all the parts that passed it on. */
function shortError(error: string): string {
  const reason = error.replace(/^.*?(?:runc create failed|OCI runtime (?:create|start) failed): /s, '').replace(/: unknown$/, '');
  return reason.replace(/^unable to start container process: /, '').trim() || error;
}
