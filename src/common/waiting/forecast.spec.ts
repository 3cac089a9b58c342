import { aCapacity, aRun } from '../../../test/factories';
import type { RunnerStanding } from '../queue/runners.repository';
import { forecast } from './forecast';
import type { Situation } from './situation';

const NOW_MS = 1_000_000;

function aStanding(name: string, over: Partial<RunnerStanding> = {}): RunnerStanding {
  const alive = {
    host: name,
    bootId: name,
    mode: 'active',
    modeMs: null,
    modeBy: null,
    trouble: null,
    stopped: false,
    isAlive: true,
    beatMs: NOW_MS,
    startedMs: 0,
    health: null,
  } as const;
  return { ...aCapacity({ name, slots: 4, cpu: 4000 }), ...alive, ...over };
}

function aSituation(over: Partial<Situation>): Situation {
  const nothing = { queued: [], held: [], runners: [], moreQueued: false, hold: null, turns: new Map(), typicalSeconds: new Map() };
  return { nowMs: NOW_MS, limits: { perOwner: null }, ...nothing, ...over };
}

describe('forecast', () => {
  it.each([
    [1, 1],
    [2, 100],
    [20, 300],
  ])('gives each of 600 waiting runs its own position: %d runners, %d people', (count, people) => {
    const runners = Array.from({ length: count }, (_, index) => aStanding(`r${index}`));
    const held = Array.from({ length: 4 * count }, (_, index) =>
      aRun({ id: 10_000 + index, state: 'running', runnerName: `r${index % count}`, startedMs: NOW_MS, pipelineId: 'a' }),
    );
    const queued = Array.from({ length: 600 }, (_, index) =>
      aRun({
        id: index + 1,
        ownerId: `p${index % people}`,
        pipelineId: index % 3 === 0 ? 'a' : 'b',
        pipelineLimit: index % 3 === 0 ? null : 3,
      }),
    );
    const typicalSeconds = new Map([
      ['a', 60],
      ['b', 600],
    ]);
    const { starts, taken } = forecast(aSituation({ runners, held, queued, typicalSeconds }));
    expect([...starts.values()].map(({ position }) => position)).toEqual(queued.map((_, index) => index + 1));
    expect(taken).toHaveLength(held.length);
    const first = [...starts.values()][0];
    expect(first).toMatchObject({ position: 1, atMs: NOW_MS + 60_000, isAtOnce: false });
  });

  it('lets nothing start on a runner that takes nothing', () => {
    const queued = [aRun({ id: 1 })];
    for (const over of [{ mode: 'paused' }, { mode: 'draining' }, { trouble: 'Full.' }, { isAlive: false }] as const)
      expect(forecast(aSituation({ runners: [aStanding('r', over)], queued })).starts.size).toBe(0);
    expect(forecast(aSituation({ runners: [aStanding('r')], queued })).starts.get(1)).toMatchObject({ isAtOnce: true, runnerName: 'r' });
  });

  it('leaves out what no runner could ever take', () => {
    const queued = [aRun({ id: 1, needCpu: 9000 }), aRun({ id: 2 })];
    expect([...forecast(aSituation({ runners: [aStanding('r')], queued })).starts.keys()]).toEqual([2]);
  });
});
