import type { Demand } from '../pipelines/needs';
import type { Engine } from '../pipelines/runtime';
import { couldEverTake, gpusWithin, isRemote, type Capacity, type Share } from '../queue/choose-runs';
import { isLimitOfGuests, limitOf, type Limits } from '../queue/run-limits';
import type { Run } from '../queue/run.entity';
import type { QueueHold, RunnerStanding } from '../queue/runners.repository';
import { takesRuns } from './situation';

/** What of a machine a run can ask for more of than there is. */
export type Resource = 'cpu' | 'memory' | 'gpus';

/** Why a queued run does not run yet. */
export type Reason =
  | { kind: 'queueOnHold'; hold: QueueHold }
  | { kind: 'noRunner'; last: RunnerStanding | null }
  | { kind: 'engine'; engine: Engine; last: RunnerStanding | null }
  | { kind: 'size'; resource: Resource; need: number; most: number; runnerName: string }
  | { kind: 'sizeTogether'; demand: Demand }
  | { kind: 'nobodyTakes'; runners: RunnerStanding[] }
  | { kind: 'pipelineLimit'; limit: number }
  | { kind: 'personLimit'; limit: number; isOfGuests: boolean }
  | { kind: 'soon'; runnerName: string }
  | { kind: 'places'; runners: RunnerStanding[] }
  | { kind: 'remotePlaces'; runners: RunnerStanding[]; engine: Engine }
  | { kind: 'room'; resource: Resource; need: number; runners: RunnerStanding[]; free: number }
  | { kind: 'behindOwn' }
  | { kind: 'saved' };

/** What keeps a run from starting however little else there is to do, until an administrator does something. */
export type Obstacle = Extract<Reason, { kind: 'queueOnHold' | 'noRunner' | 'engine' | 'size' | 'sizeTogether' | 'nobodyTakes' }>;

const OBSTACLES: ReadonlySet<Reason['kind']> = new Set(['queueOnHold', 'noRunner', 'engine', 'size', 'sizeTogether', 'nobodyTakes']);
const RESOURCES: readonly Resource[] = ['gpus', 'memory', 'cpu'];

export function isObstacle(reason: Reason): reason is Obstacle {
  return OBSTACLES.has(reason.kind);
}

/** What beside a run itself decides why it waits. */
export interface Surroundings {
  runners: readonly RunnerStanding[];
  limits: Limits;
  /** What takes places once the runs have started for which there is room now. */
  taken: readonly Share[];
  /** The runner on which the run will probably start; null: nobody knows. */
  expectedOn: string | null;
  /** Whether a run before it in the line of its level, person and pipeline still waits: they keep their order. */
  isBehindOwn: () => boolean;
}

/** Why a run does not start now, the most lasting cause first. */
export function reasonOf(run: Run, surroundings: Surroundings): Reason {
  const { runners, limits, taken } = surroundings;
  const asked = { ...demandOf(run), engine: run.engine };
  const obstacle = obstacleOf(asked, runners);
  if (obstacle) return obstacle;
  const { pipelineLimit } = run;
  if (pipelineLimit !== null && taken.filter(({ pipelineId }) => pipelineId === run.pipelineId).length >= pipelineLimit)
    return { kind: 'pipelineLimit', limit: pipelineLimit };
  const most = limitOf(limits, run.ownerId);
  if (most !== null && taken.filter(({ ownerId }) => ownerId === run.ownerId).length >= most)
    return { kind: 'personLimit', limit: most, isOfGuests: isLimitOfGuests(limits, run.ownerId) };
  const taking = runners.filter((runner) => takesRuns(runner) && couldEverTake(runner, asked));
  return lackOfRoom(run, taking, surroundings);
}

/** Why no runner would take such a run even if it had nothing else to do; null where one would. */
export function obstacleOf(asked: Demand & { engine: Engine }, runners: readonly RunnerStanding[]): Obstacle | null {
  const able = ableRunners(asked, runners);
  if (!Array.isArray(able)) return able;
  return able.some(takesRuns) ? null : { kind: 'nobodyTakes', runners: able };
}

/** The living runners that could carry it if they had nothing else to do, or why there is none. */
function ableRunners(asked: Demand & { engine: Engine }, runners: readonly RunnerStanding[]): RunnerStanding[] | Obstacle {
  const alive = runners.filter(({ isAlive }) => isAlive);
  if (alive.length === 0) return { kind: 'noRunner', last: lastHeard(runners) };
  const serving = alive.filter((runner) => serves(runner, asked.engine));
  if (serving.length === 0)
    return { kind: 'engine', engine: asked.engine, last: lastHeard(runners.filter((runner) => serves(runner, asked.engine))) };
  const able = serving.filter((runner) => couldEverTake(runner, asked));
  return able.length > 0 ? able : tooSmall(asked, serving);
}

function serves(runner: Capacity, engine: Engine): boolean {
  return runner.engines.includes(engine) && (!isRemote(engine) || runner.remoteSlots > 0);
}

function tooSmall(demand: Demand, serving: readonly RunnerStanding[]): Obstacle {
  for (const resource of RESOURCES) {
    const largest = serving.reduce((best, runner) => (amountOf(runner, resource) > amountOf(best, resource) ? runner : best));
    const most = amountOf(largest, resource);
    if (demand[resource] > most) return { kind: 'size', resource, need: demand[resource], most, runnerName: largest.name };
  }
  const { cpu, memory, gpus } = demand;
  return { kind: 'sizeTogether', demand: { cpu, memory, gpus } };
}

function lackOfRoom(run: Run, taking: readonly RunnerStanding[], { taken, expectedOn, isBehindOwn }: Surroundings): Reason {
  const demand = demandOf(run);
  const lacks = taking.map((runner) => ({ runner, lack: lackOn(runner, { ...demand, engine: run.engine }, taken) }));
  if (lacks.some(({ lack }) => lack === null)) return { kind: isBehindOwn() ? 'behindOwn' : 'saved' };
  const full = lacks.filter(({ lack }) => lack === 'places');
  if (full.length === lacks.length) {
    const runners = full.map(({ runner }) => runner);
    return isRemote(run.engine) ? { kind: 'remotePlaces', runners, engine: run.engine } : { kind: 'places', runners };
  }
  // A full runner tells less than one that has places and too little of something.
  const scarce = lacks.filter(({ lack }) => lack !== 'places');
  const { runner, lack } = scarce.find((one) => one.runner.name === expectedOn) ?? scarce[0];
  const resource = lack as Resource;
  const runners = [runner, ...taking.filter((other) => other !== runner)];
  return { kind: 'room', resource, need: demand[resource], runners, free: Math.max(0, freeOf(runner, taken)[resource]) };
}

/** What a runner has too little of for a run just now; null when it has room. */
function lackOn(runner: RunnerStanding, demand: Demand & { engine: Engine }, taken: readonly Share[]): Resource | 'places' | null {
  const free = freeOf(runner, taken);
  if (isRemote(demand.engine)) return free.remoteSlots > 0 ? null : 'places';
  if (free.slots <= 0) return 'places';
  return RESOURCES.find((resource) => demand[resource] > free[resource]) ?? null;
}

/** What is left of a runner. */
export function freeOf(runner: RunnerStanding, taken: readonly Share[]): Demand & { slots: number; remoteSlots: number } {
  const own = taken.filter(({ runnerName }) => runnerName === runner.name);
  const local = own.filter(({ engine }) => !isRemote(engine));
  // Two runners of one machine may name the same GPU.
  const given = new Set(taken.flatMap((share) => (share.runnerName === runner.name ? share.gpuIds : gpusWithin(share, runner))));
  return {
    slots: runner.slots - local.length,
    remoteSlots: runner.remoteSlots - (own.length - local.length),
    cpu: runner.cpu - local.reduce((sum, { cpu }) => sum + cpu, 0),
    memory: runner.memory - local.reduce((sum, { memory }) => sum + memory, 0),
    gpus: runner.gpuIds.filter((id) => !given.has(id)).length,
  };
}

function amountOf(runner: Capacity, resource: Resource): number {
  return resource === 'gpus' ? runner.gpuIds.length : runner[resource];
}

function demandOf({ needCpu, needMemory, needGpus }: Run): Demand {
  return { cpu: needCpu, memory: needMemory, gpus: needGpus };
}

function lastHeard(runners: readonly RunnerStanding[]): RunnerStanding | null {
  return runners.reduce<RunnerStanding | null>((last, runner) => (last && last.beatMs >= runner.beatMs ? last : runner), null);
}
