import * as fc from 'fast-check';
import type { RunnerIdentity } from '../../../src/common/queue/queue-store';
import type { Run } from '../../../src/common/queue/run.entity';
import type { WaitingLine } from '../../../src/common/waiting/waiting-line';
import { HANDLE } from '../queue/queue-constants';
import { WaitingStage } from './waiting-stage';

const SEQUENCES = Number(process.env['FORECAST_SEQUENCES'] ?? 25);
/** The same sequences each time; others are tried by hand. */
const SEED = Number(process.env['FORECAST_SEED'] ?? 20_261_122);
const PER_PERSON = 3;
const SETTINGS = { RUNS_PER_PERSON: String(PER_PERSON) };
/** Two of one machine that name the same GPU, and one of another that watches a cluster. */
const RUNNERS: Record<string, Partial<RunnerIdentity>> = {
  north: { bootId: 'lab', slots: 2, cpu: 4000, memory: 1000, gpuIds: ['0', '1'] },
  south: { bootId: 'lab', slots: 3, cpu: 3000, memory: 500, gpuIds: ['1', '2'] },
  west: { engines: ['process', 'slurm'], slots: 2, remoteSlots: 2, cpu: 2000, memory: 2000 },
};
const NAMES = Object.keys(RUNNERS);

const asked = fc.record({
  ownerId: fc.constantFrom('ada', 'bob', 'cyd'),
  pipelineId: fc.constantFrom('wide', 'narrow', 'new'),
  engine: fc.constantFrom('process' as const, 'process' as const, 'process' as const, 'slurm' as const, 'docker' as const),
  level: fc.constantFrom(0, 0, 0, 1),
  isOld: fc.boolean(),
  needs: fc.record({
    cpu: fc.constantFrom(0, 1000, 1000, 2000, 4000, 9000),
    memory: fc.constantFrom(0, 0, 100, 400, 800),
    gpus: fc.constantFrom(0, 0, 0, 1, 2),
  }),
});
type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never;
type Step =
  { kind: 'ask'; run: Asked } | { kind: 'claim' } | { kind: 'end'; pick: number } | { kind: 'mode'; name: string; paused: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), run: asked }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'claim' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mode' as const), name: fc.constantFrom(...NAMES), paused: fc.boolean() }) },
);

let stage: WaitingStage;

beforeAll(async () => {
  stage = await WaitingStage.open();
});
afterAll(() => stage.close());

it('says of those runs that they start in a moment which the runners then take, and of no others', async () => {
  let starts = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
    const world = await World.begin();
    for (const one of steps) starts += await world.carryOut(one);
    starts += await world.carryOut({ kind: 'claim' });
  });
  await fc.assert(property, { numRuns: SEQUENCES, seed: SEED, endOnFailure: true });
  expect(starts).toBeGreaterThan(SEQUENCES);
}, 300_000);

it('foresees the order of the starts, run by run', async () => {
  await stage.clear();
  await stage.history('wide', 100);
  const runner = await stage.runner('lab-1', { slots: 1 });
  let going = await stage.going(runner, { pipelineId: 'wide', ownerId: 'cyd' });
  const ids: number[] = [];
  for (const ownerId of ['ada', 'ada', 'ada', 'bob', 'ada', 'cyd', 'bob']) ids.push(await stage.ask({ ownerId, pipelineId: 'wide' }));
  const urgent = await stage.ask({ ownerId: 'ada', level: -1, pipelineId: 'wide' });
  const line = await stage.line();
  const waiting = await Promise.all([...ids, urgent].map((id) => stage.queue.run(id)));
  const foreseen = line.inOrder(waiting).map(({ id }) => id);
  const times = line.inOrder(waiting).map((run) => line.of(run)?.startsMs ?? 0);
  expect(times).toEqual([...times].sort((one, other) => one - other));
  const seen: number[] = [];
  for (let count = 0; count < foreseen.length; count += 1) {
    await stage.end(going);
    [going] = await stage.carryOn(runner);
    seen.push(going.id);
  }
  expect(foreseen).toEqual(seen);
});

/** One sequence of what happens, on an empty queue. */
class World {
  private held: Run[] = [];

  private constructor(private readonly runners: readonly RunnerIdentity[]) {}

  static async begin(): Promise<World> {
    await stage.clear();
    const runners: RunnerIdentity[] = [];
    for (const name of NAMES) runners.push(await stage.runner(name, RUNNERS[name]));
    return new World(runners);
  }

  /** @returns how many runs started. */
  async carryOut(step: Step): Promise<number> {
    if (step.kind === 'ask') await this.ask(step.run);
    else if (step.kind === 'mode') await stage.queue.store.setRunnerMode(step.name, step.paused ? 'paused' : 'active');
    else if (step.kind === 'end' && this.held.length > 0) await stage.end(this.held.splice(step.pick % this.held.length, 1)[0]);
    else if (step.kind === 'claim') return this.claim();
    return 0;
  }

  private async ask({ isOld, ...run }: Asked): Promise<void> {
    const id = await stage.ask({ ...run, pipelineLimit: run.pipelineId === 'narrow' ? 2 : null });
    if (isOld) await stage.age(id, 500);
  }

  /** Lets the runners claim, one after the other, and compares with what was said a moment before. */
  private async claim(): Promise<number> {
    const line = await stage.line(SETTINGS);
    const said = saidToStart(line);
    const taken = new Map<number, string>();
    for (const runner of this.runners) {
      for (const run of await this.claimAll(runner)) taken.set(run.id, runner.name);
    }
    expect([...said]).toEqual([...taken]);
    return taken.size;
  }

  /** As the intake of a runner does: it asks for all its free places until there is nothing left for it. */
  private async claimAll(runner: RunnerIdentity): Promise<Run[]> {
    const all: Run[] = [];
    for (;;) {
      const places = runner.slots + runner.remoteSlots - this.held.filter((run) => run.runnerName === runner.name).length;
      const claimed = places > 0 ? await stage.queue.store.claim(runner, places, { perOwner: PER_PERSON }) : [];
      if (claimed.length === 0) return all;
      for (const run of claimed) await stage.queue.store.authorise({ runId: run.id, fence: run.fence }, HANDLE);
      this.held.push(...claimed);
      all.push(...claimed);
    }
  }
}

/** The runner of each run of which the line says that it starts in a moment, in the order of their positions. */
function saidToStart(line: WaitingLine): Map<number, string> {
  const found = new Map<number, string>();
  for (const run of line.inOrder(line.situation.queued)) {
    const runner = /^Number \d+ in line\. A place is free on (\w+), so it starts in a moment\.$/.exec(line.of(run)?.sentence ?? '')?.[1];
    if (runner !== undefined) found.set(run.id, runner);
  }
  return found;
}
