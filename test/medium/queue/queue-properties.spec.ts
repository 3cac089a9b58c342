import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import type { Demand } from '../../../src/common/pipelines/needs';
import type { Lease, QueueStore, RunnerIdentity } from '../../../src/common/queue/queue-store';
import type { Side } from '../../../src/common/queue/rank-moves';
import { FINAL_STATES, isFinal, TRANSITIONS, type FinalState, type TransitionName } from '../../../src/common/queue/run-state';
import { aNewRun } from '../../factories';
import { HANDLE, STALE_SECONDS } from './queue-constants';
import { QueueModel, type ModelRun } from './queue-model';
import { anEnding, QueueStage } from './queue-stage';

const SEQUENCES = Number(process.env['QUEUE_SEQUENCES'] ?? 100);
/** The same sequences each time; campaigns try others. */
const SEED = Number(process.env['QUEUE_SEED'] ?? 20_261_122);
const LONGEST = 60;
const PER_OWNER = 5;
/** On one machine: two with a GPU in common, one that serves a cluster. */
const RUNNERS: Record<string, Partial<RunnerIdentity>> = {
  north: { engines: ['process'], slots: 4, cpu: 4000, memory: 1000, gpuIds: ['0', '1'] },
  south: { engines: ['process', 'slurm'], slots: 3, remoteSlots: 2, cpu: 3000, memory: 500, gpuIds: ['1', '2', '3'] },
};
const NAMES = Object.keys(RUNNERS);
const OWNERS = ['ada', 'bob', 'cyd'];

type OwnerStep = Exclude<TransitionName, 'enqueue' | 'release' | 'hold' | 'cancelWaiting' | 'claim' | 'takeOver' | 'lose' | 'declareLost'>;

/** One thing that somebody does. `pick` chooses among the runs that there are by then, those that are not over first. */
type Command =
  | { kind: 'enqueue'; owner: string; narrow: boolean; maxStarts: number; level: number; engine: 'process' | 'slurm'; needs: Demand }
  | { kind: 'age'; pick: number }
  | { kind: 'claim'; runner: string; places: number }
  /** `apt`: not the step of this name, but one that the run's state allows. */
  | { kind: 'step'; name: OwnerStep; apt: boolean; pick: number; outdated: boolean; ending: FinalState }
  | { kind: 'cancel'; pick: number }
  | { kind: 'declareLost'; pick: number }
  | { kind: 'hold'; pick: number }
  | { kind: 'letGo'; pick: number }
  | { kind: 'front'; pick: number }
  | { kind: 'back'; pick: number }
  | { kind: 'beside'; pick: number; other: number; side: Side }
  | { kind: 'takeOver'; runner: string; pick: number; outdated: boolean }
  | { kind: 'silence' | 'beat'; runner: string };

const steps: OwnerStep[] = [
  'unclaim',
  'disown',
  'failStart',
  'cancelStarting',
  'authorise',
  'discover',
  'unstart',
  'stop',
  'finish',
  'retry',
  'doubt',
  'regain',
];
// Small numbers are likely, so that much happens to few runs.
const pick = fc.oneof({ weight: 4, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(99) });
// Now and then a runner that lost its run acts on it all the same.
const outdated = fc.nat(9).map((number) => number === 0);
const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('enqueue' as const),
      owner: fc.constantFrom(...OWNERS),
      narrow: fc.boolean(),
      maxStarts: fc.integer({ min: 1, max: 3 }),
      level: fc.integer({ min: 0, max: 1 }),
      engine: fc.constantFrom('process' as const, 'process' as const, 'slurm' as const),
      needs: fc.record({
        cpu: fc.constantFrom(0, 1000, 1000, 2000, 4000, 9000),
        memory: fc.constantFrom(0, 100, 400, 800),
        gpus: fc.constantFrom(0, 0, 1, 2, 3),
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      runner: fc.constantFrom(...NAMES),
      places: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      name: fc.constantFrom(...steps),
      apt: fc.nat(3).map((number) => number > 0),
      pick,
      outdated,
      ending: fc.constantFrom(...FINAL_STATES),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('declareLost' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('hold' as const, 'letGo' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('front' as const, 'back' as const), pick }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('beside' as const),
      pick,
      other: pick,
      side: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('age' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('takeOver' as const), runner: fc.constantFrom(...NAMES), pick, outdated }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('silence' as const, 'beat' as const), runner: fc.constantFrom(...NAMES) }) },
);

let stage: QueueStage;
let store: QueueStore;
const runners = new Map<string, RunnerIdentity>();

beforeAll(async () => {
  stage = await QueueStage.open();
  store = stage.store;
  await store.retireRunner(stage.runner);
  for (const name of NAMES) runners.set(name, await stage.anotherRunner(name, RUNNERS[name]));
});
afterAll(() => stage.close());

it('does what the model does, whatever happens in whatever order', async () => {
  const property = fc.asyncProperty(fc.array(commands, { minLength: 5, maxLength: LONGEST, size: 'max' }), async (sequence) => {
    const world = await World.begin();
    try {
      for (const command of sequence) await world.carryOut(command);
    } finally {
      await world.end();
    }
  });
  await fc.assert(property, { numRuns: SEQUENCES, seed: SEED, endOnFailure: false });
  await stage.expectLawfulHistory();
}, 300_000);

/** One sequence: people and pipelines of its own, so that earlier sequences do not matter. */
class World {
  private readonly model = new QueueModel(PER_OWNER);
  private readonly prefix = randomUUID().slice(0, 8);

  static async begin(): Promise<World> {
    const world = new World();
    for (const name of NAMES) {
      world.model.runners.set(name, { alive: true, capacity: runners.get(name)! });
      await store.beat(runners.get(name)!);
    }
    return world;
  }

  async carryOut(command: Command): Promise<void> {
    if (command.kind === 'enqueue') await this.enqueue(command);
    else if (command.kind === 'claim') await this.claim(command.runner, command.places);
    else if (command.kind === 'silence' || command.kind === 'beat') await this.tellRunner(command.runner, command.kind);
    else if ('pick' in command && this.model.runs.length > 0) await this.touch(command, this.choose(command.pick));
    await this.compare();
  }

  /** Leaves nothing that the next sequence could claim or count. */
  async end(): Promise<void> {
    for (const run of this.model.runs) {
      await store.requestCancel(run.id, 'Tidy.');
      await stage.sql(`UPDATE queue SET state = 'cancelled', finished_ms = 1 WHERE id = ? AND finished_ms IS NULL`, [run.id]);
    }
  }

  private choose(pick: number): ModelRun {
    const { runs } = this.model;
    const sorted = [...runs.filter((run) => !isFinal(run.state)), ...runs.filter((run) => isFinal(run.state))];
    return sorted[pick % sorted.length];
  }

  private async enqueue({ owner, narrow, ...more }: Extract<Command, { kind: 'enqueue' }>): Promise<void> {
    const pipelineId = `${this.prefix}-${narrow ? 'narrow' : 'wide'}`;
    const asked = aNewRun({ ownerId: `${this.prefix}-${owner}`, pipelineId, pipelineLimit: narrow ? 2 : null, ...more });
    this.model.enqueue((await store.enqueue(asked)).runId, asked);
  }

  private async claim(name: string, places: number): Promise<void> {
    const claimed = await store.claim(runners.get(name)!, places, { perOwner: PER_OWNER });
    expect(claimed.map((run) => run.id)).toEqual(this.model.claim(name, places));
  }

  private async tellRunner(name: string, kind: 'silence' | 'beat'): Promise<void> {
    if (kind === 'silence') await stage.silence(name);
    else await store.beat(runners.get(name)!);
    this.model.runners.get(name)!.alive = kind === 'beat';
  }

  private async touch(command: Extract<Command, { pick: number }>, run: ModelRun): Promise<void> {
    if (command.kind === 'cancel') {
      expect(await store.requestCancel(run.id, 'Cancelled by Ada.')).toBe(this.model.requestCancel(run));
      return;
    }
    if (command.kind === 'declareLost') {
      expect(await store.declareLost(run.id, 'Ada says so.')).toBe(this.model.declareLost(run));
      return;
    }
    if (command.kind === 'beside') {
      const other = this.choose(command.other);
      expect(await store.moveBeside(run.id, other.id, command.side)).toBe(this.model.moveBeside(run, other, command.side));
      return;
    }
    if (command.kind === 'front' || command.kind === 'back') return this.moveToEnd(run, command.kind);
    if (command.kind === 'hold' || command.kind === 'letGo') return this.holdOrLetGo(run, command.kind);
    if (command.kind === 'age') {
      if (run.state === 'scheduled') return;
      run.isOld = true;
      await stage.sql('UPDATE queue SET available_ms = 1 WHERE id = ?', [run.id]);
      return;
    }
    const lease = { runId: run.id, fence: run.fence - (command.outdated ? 1 : 0) };
    if (command.kind === 'takeOver') {
      const taken = await store.takeOver(lease, runners.get(command.runner)!, STALE_SECONDS);
      expect(taken !== null).toBe(this.model.takeOver(run, lease.fence, command.runner));
      return;
    }
    const name = command.apt ? aptStep(command.name, run) : command.name;
    const target = name === 'finish' ? command.ending : undefined;
    expect(await carryOutStep(name, lease, command.ending)).toBe(this.model.step(name, run, lease.fence, target));
  }

  private async moveToEnd(run: ModelRun, end: 'front' | 'back'): Promise<void> {
    const found = end === 'front' ? await store.toFront(run.id) : await store.toBack(run.id);
    expect(found).toBe(this.model.toEnd(run, end));
  }

  private async holdOrLetGo(run: ModelRun, kind: 'hold' | 'letGo'): Promise<void> {
    if (kind === 'hold') expect(await store.hold(run.id, 'Ada', 'On hold, by Ada')).toBe(this.model.hold(run));
    else expect(await store.letGo(run.id)).toBe(this.model.letGo(run));
  }

  private async compare(): Promise<void> {
    const rows = await stage.sql<Record<string, unknown>[]>(
      `SELECT id, state, \`rank\`, fence, attempt, starts, start_failures, runner_name, stop_reason, cancel_requested_ms IS NOT NULL AS cancel, gpu_ids
       FROM queue WHERE owner_id LIKE ? ORDER BY id`,
      [`${this.prefix}%`],
    );
    const found = rows.map((row) => [
      Number(row['id']),
      row['state'],
      Number(row['rank']),
      Number(row['fence']),
      Number(row['attempt']),
      Number(row['starts']),
      Number(row['start_failures']),
      row['stop_reason'],
      Number(row['cancel']) === 1,
      row['gpu_ids'] ?? '',
    ]);
    const wanted = this.model.runs.map((run) => [
      run.id,
      run.state,
      run.rank,
      run.fence,
      run.attempt,
      run.starts,
      run.startFailures,
      run.stopReason,
      run.cancel,
      run.gpuIds.join(','),
    ]);
    expect(found).toEqual(wanted);
  }
}

function aptStep(name: OwnerStep, run: ModelRun): OwnerStep {
  const apt = steps.filter((step) => TRANSITIONS.some((transition) => transition.name === step && transition.from.includes(run.state)));
  return apt[steps.indexOf(name) % apt.length] ?? name;
}

function carryOutStep(name: OwnerStep, lease: Lease, ending: FinalState): Promise<boolean> {
  switch (name) {
    case 'unclaim':
    case 'failStart':
    case 'retry':
    case 'doubt':
    case 'disown':
      return store[name](lease, 'A sentence.');
    case 'cancelStarting':
    case 'unstart':
    case 'regain':
      return store[name](lease);
    case 'authorise':
      return store.authorise(lease, HANDLE);
    case 'discover':
      return store.discover(lease, HANDLE, 'A sentence.');
    case 'stop':
      return store.stop(lease, 'time_limit', 'Too long.');
    case 'finish':
      return store.finish(lease, anEnding(ending));
  }
}
