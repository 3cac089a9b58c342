import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { RunDetails } from '../../../src/common/queue/run.entity';
import { aCapacity } from '../../factories';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

describe('a runner with runs that resist', () => {
  let world: RunnerWorld;
  let stop: (() => Promise<void>) | undefined;
  const lines: string[] = [];

  beforeAll(async () => {
    world = await RunnerWorld.open({ RUNNER_SLOTS: '10' });
    const keep = (message: unknown) => void lines.push(String(message));
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(keep);
    jest.spyOn(Logger.prototype, 'log').mockImplementation(keep);
  });
  afterAll(async () => {
    await stop?.();
    jest.restoreAllMocks();
    await world.close();
  });

  /** Held by a runner that is gone, and impossible to take up again. */
  async function abandonedWithoutDetails(): Promise<{ id: number; mend: () => Promise<void> }> {
    const id = await world.run('exit 0');
    const gone = { ...aCapacity({ name: 'gone' }), incarnation: 'gone', host: hostname(), bootId: 'x', pokeAddress: null };
    await world.store.registerRunner(gone);
    const [run] = await world.store.claim(gone, 1);
    const handle = { kind: 'process', pid: 2 ** 22 - 1, startTicks: '1', host: hostname(), bootId: 'earlier' } as const;
    await world.store.authorise({ runId: id, fence: run.fence }, handle);
    await world.store.retireRunner(gone);
    // Beyond the numbers of runs, as if it were another's.
    const move = (from: number, to: number) => world.dataSource.getRepository(RunDetails).update({ runId: from }, { runId: to });
    await move(id, id + 1_000_000);
    return { id, mend: async () => void (await move(id + 1_000_000, id)) };
  }

  it('says so once of each, goes on with the others, and says when it is over', async () => {
    const one = await abandonedWithoutDetails();
    const other = await abandonedWithoutDetails();
    stop = await world.startRunner();
    const told = (words: string) => lines.filter((line) => line.includes(words));
    await until(() => told(`details of run ${one.id}`).length > 0 && told(`details of run ${other.id}`).length > 0);
    // Half a second between two looks at them, and a second between two at the queue.
    for (let count = 0; count < 3; count += 1) {
      expect((await world.untilFinal(await world.run('exit 0'))).state).toBe('succeeded');
      await sleep(1200);
    }
    expect(told(`details of run ${one.id}`)).toEqual([expect.stringContaining('tried again')]);
    expect(told(`details of run ${other.id}`)).toHaveLength(1);
    // Claimed by the one that is gone, and taken over once, however often it was looked at.
    expect((await world.find(one.id)).fence).toBe(2);
    await one.mend();
    await other.mend();
    expect((await world.untilFinal(one.id)).state).toBe('lost');
    expect((await world.untilFinal(other.id)).state).toBe('lost');
    expect(told(`details of run ${one.id}`)).toEqual([expect.anything(), expect.stringContaining('does not fail any more')]);
    expect(told(`details of run ${other.id}`)).toHaveLength(2);
  }, 60_000);
});
