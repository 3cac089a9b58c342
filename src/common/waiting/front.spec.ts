import { aCapacity, aRun } from '../../../test/factories';
import { rankOfLevel } from '../queue/rank';
import type { Run } from '../queue/run.entity';
import type { RunnerStanding } from '../queue/runners.repository';
import { forecast } from './forecast';
import { gainsAtFront } from './front';
import type { Situation } from './situation';

const NOW_MS = 1_000_000;

function aStanding(name: string, over: Partial<RunnerStanding> = {}): RunnerStanding {
  const alive = {
    host: name,
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
  return { ...aCapacity({ name, engines: ['process'], slots: 2, cpu: 4000 }), ...alive, ...over };
}

const going = (id: number, over: Partial<Run> = {}) => aRun({ id, state: 'running', runnerName: 'lab', startedMs: NOW_MS, ...over });
const ada = (id: number, over: Partial<Run> = {}) => aRun({ id, ownerId: 'ada', ...over });
const bob = (id: number, over: Partial<Run> = {}) => aRun({ id, ownerId: 'bob', ...over });
const limited = { pipelineId: 'export', pipelineLimit: 1 };

/** Whether the last of those who wait gains. */
function gains(queued: Run[], over: Partial<Situation> = {}): boolean {
  const nothing = {
    held: [going(90), going(91)],
    runners: [aStanding('lab')],
    moreQueued: false,
    hold: null,
    turns: new Map<string, number>(),
  };
  const typicalSeconds = new Map([['nuclei', 60]]);
  const situation = { nowMs: NOW_MS, limits: { perOwner: null }, queued, typicalSeconds, ...nothing, ...over };
  return gainsAtFront(queued[queued.length - 1], situation, forecast(situation));
}

describe('gainsAtFront', () => {
  it.each<[string, Run[], Partial<Situation>?]>([
    ['stands behind another', [ada(1), bob(2)]],
    ['stands behind an earlier one of the same person and pipeline', [ada(1), ada(2)]],
    ['stands behind another, and nobody knows when anything ends', [ada(1), bob(2)], { typicalSeconds: new Map() }],
    [
      'stands behind another of its pipeline, which may run one at a time',
      [ada(1, limited), bob(2, limited)],
      { held: [going(90, limited)] },
    ],
    [
      'stands behind another of its person, who may run one at a time',
      [ada(1), ada(2)],
      { limits: { perOwner: 1 }, held: [going(90, { ownerId: 'ada' })] },
    ],
    ['was overtaken by one that was moved before it', [bob(1, { rank: rankOfLevel(-1) }), ada(2, { rank: rankOfLevel(-1) })]],
  ])('is true of a run that %s', (...[, queued, over]) => {
    expect(gains(queued, over)).toBe(true);
  });

  it.each<[string, Run[], Partial<Situation>?]>([
    ['is next', [ada(1)]],
    ['starts at once', [ada(1), bob(2)], { held: [] }],
    ['needs an engine that nobody offers', [ada(1), bob(2, { engine: 'slurm' })]],
    ['needs more than anybody has', [ada(1), bob(2, { needCpu: 9000 })]],
    ['waits while nobody takes anything', [ada(1), bob(2)], { runners: [aStanding('lab', { mode: 'paused' })] }],
    ['waits while nobody lives', [ada(1), bob(2)], { runners: [aStanding('lab', { isAlive: false })] }],
    [
      'is the only one to wait for the one run of its pipeline',
      [ada(1, { engine: 'slurm' }), bob(2, limited)],
      { held: [going(90, limited)] },
    ],
    [
      'is the only one to wait for the one run of its person',
      [bob(1), ada(2)],
      { limits: { perOwner: 1 }, held: [going(90, { ownerId: 'ada' })] },
    ],
    [
      'waits for another runner than those before it',
      [ada(1), ada(2), bob(3, { engine: 'docker' })],
      {
        runners: [aStanding('lab'), aStanding('box', { engines: ['docker'], slots: 1 })],
        held: [going(90), going(91), going(92, { runnerName: 'box', engine: 'docker' })],
      },
    ],
    [
      'is first already, and waits for room that others do not need',
      [bob(1), ada(2, { rank: rankOfLevel(-1), needCpu: 4000 })],
      { held: [going(90, { needCpu: 2000 })] },
    ],
  ])('is false of a run that %s', (...[, queued, over]) => {
    expect(gains(queued, over)).toBe(false);
  });
});
