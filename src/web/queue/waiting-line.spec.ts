import { aRun } from '../../../test/factories';
import { lineUp, sentenceOfQueued } from './waiting-line';

const big = { name: 'big-1', slots: 4 };
const queued = (id: number, ownerId = 'me', over = {}) => aRun({ id, ownerId, ...over });
const held = (id: number, ownerId = 'me', over = {}) => aRun({ id, ownerId, state: 'running', runnerName: 'big-1', ...over });
const alive = (...runners: { name: string; slots: number }[]) =>
  runners.map((runner) => ({ ...runner, host: 'h', held: 0, silentMs: 0, pokeAddress: null }));

describe('the line of waiting runs', () => {
  it('is in the order in which runners choose: rank, then who has least going, then age', () => {
    const runs = [queued(1), queued(2), queued(3, 'other'), queued(4, 'third', { rank: -1 })];
    const { positions } = lineUp(runs, [held(9), held(8)], alive(big));
    expect([...positions]).toEqual([
      [4, 1],
      [3, 2],
      [1, 3],
      [2, 4],
    ]);
  });

  it.each<[string, Parameters<typeof lineUp>, RegExp]>([
    ['no runner lives', [[queued(1)], [], []], /Number 1 in line\. Waits for a runner/],
    ['a place is free', [[queued(1)], [held(9)], alive(big)], /A place is free/],
    ['all places are taken', [[queued(1)], [held(6), held(7), held(8), held(9)], alive(big)], /one of the 4 places on big-1 is free/],
    ['the only place is taken', [[queued(1)], [held(9)], alive({ name: 'big-1', slots: 1 })], /the run on big-1 has ended/],
    [
      'places of two runners are taken',
      [[queued(1)], [held(9), held(8, 'x', { runnerName: 'b' })], alive({ name: 'big-1', slots: 1 }, { name: 'b', slots: 1 })],
      /one of the 2 places is free/,
    ],
    [
      'its pipeline may run once',
      [[queued(1, 'me', { pipelineLimit: 1 })], [held(9)], alive(big)],
      /Another run of this pipeline has to end/,
    ],
    [
      'its pipeline may run twice',
      [[queued(1, 'me', { pipelineLimit: 2 })], [held(9), held(8)], alive(big)],
      /One of the 2 runs of this pipeline/,
    ],
  ])('says what a run waits for when %s', (_when, situation, sentence) => {
    expect(sentenceOfQueued(situation[0][0], lineUp(...situation))).toMatch(sentence);
  });

  it('promises a place to no more runs than there are places', () => {
    const runs = [1, 2, 3, 4].map((id) => queued(id));
    const line = lineUp(runs, [held(8), held(9)], alive(big));
    expect(runs.map((run) => /A place is free/.test(sentenceOfQueued(run, line)))).toEqual([true, true, false, false]);
  });

  it('counts no place of a runner that is gone, and none that its runs seem to take', () => {
    const line = lineUp([queued(1)], [held(9, 'x', { runnerName: 'gone' })], alive(big));
    expect(line.free).toBe(4);
  });

  it('gives no number to a run that is far behind', () => {
    expect(sentenceOfQueued(queued(99), lineUp([queued(1)], [], alive(big)))).toBe('More than 1 runs are before it.');
  });
});
