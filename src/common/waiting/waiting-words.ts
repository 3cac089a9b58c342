import { formatBytes } from '../../browser/amounts';
import { formatList } from '../../locales/formats';
import { text, type TextKey } from '../../locales/text';
import type { Engine } from '../pipelines/runtime';
import { noteInWords } from '../queue/note-words';
import type { RunnerMode } from '../queue/runner-mode';
import type { RunnerStanding } from '../queue/runners.repository';
import { isDrained } from './situation';
import type { Reason, Resource } from './waiting-reason';

const MIB = 1024 * 1024;
const ENGINE_WORDS: Record<Engine, TextKey> = {
  process: 'queue.engineProcess',
  docker: 'queue.engineDocker',
  handoff: 'queue.engineHandoff',
  slurm: 'queue.engineSlurm',
};

export function engineWords(engine: Engine): string {
  return text(ENGINE_WORDS[engine]);
}

/** '' for a runner that takes runs as always. */
export function modeInWords(mode: RunnerMode): string {
  if (mode === 'active') return '';
  return text(mode === 'paused' ? 'queue.isPaused' : 'queue.isDraining');
}

/** "64 GB of memory", "1.5 cores", "1 GPU". @param amount thousandths of a core, MiB, or GPUs. */
export function amountInWords(resource: Resource, amount: number): string {
  if (resource === 'memory') return text('queue.amountMemory', { amount: formatBytes(amount * MIB) });
  if (resource === 'gpus') return text('queue.amountGpus', { count: amount });
  return text('queue.amountCores', { count: amount / 1000 });
}

/** The same without the noun, beside one that has it: "64 GB", "1.5", "1". */
export function bareAmount(resource: Resource, amount: number): string {
  if (resource === 'memory') return formatBytes(amount * MIB);
  return String(resource === 'gpus' ? amount : amount / 1000);
}

/**
 * A reason as people read it.
 * @param isNext no other run is expected to start before it.
 * @param tellsNeeds whether the reader may know what the run needs, which its parameters may have decided.
 */
export function reasonInWords(reason: Reason, isNext: boolean, tellsNeeds: boolean): string {
  switch (reason.kind) {
    case 'queueOnHold':
      return reason.hold.note === '' ? text('queue.waitQueueHeld') : text('queue.waitQueueHeldWhy', { reason: reason.hold.note });
    case 'noRunner':
      return reason.last && isDrained(reason.last) ? text('queue.waitDrained', { runner: reason.last.name }) : text('queue.waitNoRunner');
    case 'engine':
      return engineReason(reason);
    case 'size':
      return tellsNeeds ? sizeReason(reason) : text('queue.waitSizeUntold');
    case 'sizeTogether':
      return tellsNeeds ? text('queue.waitSizeTogether', { needs: needsInWords(reason.demand) }) : text('queue.waitSizeUntold');
    case 'nobodyTakes':
      return nobodyReason(reason.runners);
    case 'pipelineLimit':
      return text(reason.limit === 1 ? 'queue.waitPipelineLimitOne' : 'queue.waitPipelineLimit', { limit: reason.limit });
    case 'personLimit':
      return personLimitReason(reason);
    case 'soon':
      return text('queue.waitSoon', { runner: reason.runnerName });
    case 'places':
      return placesReason(reason.runners, isNext);
    case 'remotePlaces':
      return remoteReason(reason);
    case 'room':
      return tellsNeeds ? roomReason(reason) : text('queue.waitRoomUntold');
    case 'behindOwn':
      return text('queue.waitBehindOwn');
    case 'saved':
      return text('queue.waitSaved');
  }
}

/** All that a run needs, of what it needs any: "4 cores, 64 GB of memory and 1 GPU". */
export function needsInWords(demand: Record<Resource, number>): string {
  const told = (['cpu', 'memory', 'gpus'] as const)
    .filter((resource) => demand[resource] > 0)
    .map((resource) => amountInWords(resource, demand[resource]));
  return formatList(told);
}

function engineReason({ engine, last }: Extract<Reason, { kind: 'engine' }>): string {
  const words = engineWords(engine);
  if (!last) return text('queue.waitEngine', { engine: words });
  return text(isDrained(last) ? 'queue.waitEngineDrained' : 'queue.waitEngineGone', { engine: words, runner: last.name });
}

function sizeReason({ resource, need, most, runnerName }: Extract<Reason, { kind: 'size' }>): string {
  const values = { need: amountInWords(resource, need), most: bareAmount(resource, most), runner: runnerName };
  return most === 0 ? text('queue.waitSizeNone', values) : text('queue.waitSize', values);
}

function nobodyReason(runners: readonly RunnerStanding[]): string {
  const [runner] = runners;
  if (runners.length > 1) {
    return text('queue.waitNobodyTakes', { count: runners.length, list: formatList(runners.map(stateOfRunner)) });
  }
  if (runner.mode !== 'active') return text(runner.mode === 'paused' ? 'queue.waitPaused' : 'queue.waitDraining', { runner: runner.name });
  return text('queue.waitTrouble', { runner: runner.name, trouble: noteInWords(runner.trouble) });
}

/** "ws-core-1 is paused", for a list. */
export function stateOfRunner({ name, mode }: RunnerStanding): string {
  const key = mode === 'paused' ? 'queue.runnerIsPaused' : mode === 'draining' ? 'queue.runnerIsDraining' : 'queue.runnerHasTrouble';
  return text(key, { runner: name });
}

function placesReason(runners: readonly RunnerStanding[], isNext: boolean): string {
  const slots = runners.reduce((sum, runner) => sum + runner.slots, 0);
  const values = { slots, runner: runners[0].name, count: runners.length };
  if (runners.length > 1) return text(isNext ? 'queue.waitNextOfAllPlaces' : 'queue.waitAllPlaces', values);
  if (slots === 1) return text(isNext ? 'queue.waitNextPlace' : 'queue.waitPlace', values);
  return text(isNext ? 'queue.waitNextOfPlaces' : 'queue.waitPlaces', values);
}

function remoteReason({ runners, engine }: Extract<Reason, { kind: 'remotePlaces' }>): string {
  const slots = runners.reduce((sum, runner) => sum + runner.remoteSlots, 0);
  const values = { slots, runner: runners[0].name, engine: engineWords(engine), count: runners.length };
  return text(runners.length === 1 ? 'queue.waitRemote' : 'queue.waitRemoteOfAll', values);
}

function personLimitReason({ limit, isOfGuests }: Extract<Reason, { kind: 'personLimit' }>): string {
  if (isOfGuests) return text(limit === 1 ? 'queue.waitGuestLimitOne' : 'queue.waitGuestLimit', { limit });
  return text(limit === 1 ? 'queue.waitPersonLimitOne' : 'queue.waitPersonLimit', { limit });
}

function roomReason({ resource, need, runners, free }: Extract<Reason, { kind: 'room' }>): string {
  const values = { need: amountInWords(resource, need), free: bareAmount(resource, free), runner: runners[0].name };
  if (runners.length > 1) return text('queue.waitRoomOfAll', values);
  return text(free === 0 ? 'queue.waitRoomNone' : 'queue.waitRoom', values);
}
