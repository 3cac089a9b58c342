import { RunDetails } from '../../../src/common/queue/run.entity';
import type { Manifest, Parameter } from '../../../src/common/pipelines/manifest';
import { aNewRun } from '../../factories';
import { RunnerWorld } from '../../runner-world';

const BASE = { label: 'Tables', help: '', required: true, advanced: false };

function reads(...parameters: Parameter[]): Partial<Manifest> {
  const parts = parameters
    .filter(({ type }) => type !== 'string')
    .map(({ name }) => ({ kind: 'value', parameter: name, flag: null, style: 'bare' }) as const);
  return { parameters, arguments: parts };
}

const ONE: Parameter = { ...BASE, name: 'one', type: 'file', accept: ['.csv'] };
const SEVERAL: Parameter = { ...BASE, name: 'several', type: 'files', accept: ['.csv'], minItems: 1, maxItems: 3 };
const NOTE: Parameter = { ...BASE, name: 'note', type: 'string', default: '', pattern: null, patternMessage: null, maxLength: 100 };

describe('a chain of runs', () => {
  let world: RunnerWorld;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    world = await RunnerWorld.open();
    // Two of them decide about every link at the same time.
    stops.push(await world.startRunner({ RUNNER_NAME: 'one' }), await world.startRunner({ RUNNER_NAME: 'two' }));
    world.addPipeline('write', 'mkdir deep; echo a > a.csv; echo b > deep/b.csv; echo c > c.txt');
    world.addPipeline('join', 'cat "$@" > joined.csv');
    world.addPipeline('fail', 'exit 3');
    world.addPipeline('wait', 'sleep 60');
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    await world.close();
  });

  const after = (afterRun: number, parameters: Record<string, string | string[]> = {}, manifest: Partial<Manifest> = {}) =>
    world.submit('join', manifest, { afterRun, parameters });
  const parametersOf = async (runId: number) => (await world.dataSource.getRepository(RunDetails).findOneByOrFail({ runId })).parameters;
  const statesOf = async (runId: number) => (await world.events(runId)).map(({ toState }) => toState);

  it('starts each run once when the one before has succeeded, and hands its results on', async () => {
    const first = await world.submit('write');
    const second = await after(first, { several: ['after:**/*.csv'], note: 'after:*.csv' }, reads(SEVERAL, NOTE));
    const third = await after(second, { one: 'after:joined.csv' }, reads(ONE));
    await world.untilState(third, 'succeeded');
    expect(await parametersOf(second)).toEqual({
      several: [`project:runs/${first}/a.csv`, `project:runs/${first}/deep/b.csv`],
      note: 'after:*.csv',
    });
    expect(await parametersOf(third)).toEqual({ one: `project:runs/${second}/joined.csv` });
    expect(await statesOf(third)).toEqual(['scheduled', 'queued', 'starting', 'running', 'succeeded']);
  }, 30_000);

  it('starts what follows a run that has succeeded long ago', async () => {
    const first = await world.submit('write');
    await world.untilState(first, 'succeeded');
    await world.untilState(await after(first, { one: 'after:a.csv' }, reads(ONE)), 'succeeded');
  }, 30_000);

  it('stops all that wait behind a run that does not succeed, and says which one that was', async () => {
    const first = await world.submit('wait');
    const second = await after(first);
    const [third, beside] = [await after(second), await after(second)];
    await world.untilState(first, 'running');
    await world.cancel(first, 'Cancelled by Ada.');
    for (const runId of [second, third, beside]) {
      const note = `Not started: run ${first}, which comes before this one in its chain, did not succeed.`;
      expect(await world.untilFinal(runId)).toMatchObject({ state: 'cancelled', starts: 0, note });
      expect(await statesOf(runId)).toEqual(['scheduled', 'cancelled']);
    }
    const failed = await world.submit('fail');
    const vain = await world.untilFinal(await after(failed));
    expect(vain).toMatchObject({ state: 'cancelled', note: expect.stringContaining(`run ${failed}`) });
  }, 30_000);

  it('that is cancelled in the middle stops there, and what ran before stays', async () => {
    const first = await world.submit('wait');
    const second = await after(first);
    const third = await after(second);
    await world.cancel(second, 'Cancelled by Ada.');
    expect(await world.untilFinal(third)).toMatchObject({ note: expect.stringContaining(`run ${second}`) });
    expect((await world.find(first)).state).not.toBe('cancelled');
    await world.cancel(first, 'Tidy.');
  }, 30_000);

  it.each([
    ['after:*.tif', ONE, 'gave no result that fits *.tif'],
    ['after:**/*.csv', ONE, 'gave 2 results that fit **/*.csv'],
    ['after:c.txt', ONE, 'Tables: c.txt'],
    [['after:**'], { ...SEVERAL, accept: [], maxItems: 2 }, 'Tables: '],
  ] as const)('says why %j is no input', async (given, parameter, sentence) => {
    const first = await world.submit('write');
    const value = typeof given === 'string' ? given : [...given];
    const run = await world.untilFinal(await after(first, { [parameter.name]: value }, reads(parameter as Parameter)));
    expect(run).toMatchObject({ state: 'cancelled', starts: 0, note: expect.stringContaining(sentence) });
  });

  it('ends where its project is gone meanwhile', async () => {
    const first = await world.submit('write');
    await world.untilState(first, 'succeeded');
    const { runId } = await world.store.enqueue(aNewRun({ projectId: 'gone', afterRun: first }));
    await world.poke();
    expect((await world.untilFinal(runId)).state).toBe('cancelled');
  });
});
