import { aRun } from '../../../test/factories';
import { expectedEnd } from './expected-end';

const NOW_MS = 1_000_000;
const running = (secondsAgo: number, over = {}) => aRun({ state: 'running', startedMs: NOW_MS - secondsAgo * 1000, ...over });
const left = (run: ReturnType<typeof aRun>, typical?: number) => (expectedEnd(run, typical, NOW_MS) - NOW_MS) / 1000;

describe('expectedEnd', () => {
  it.each<[string, ReturnType<typeof aRun>, number | undefined, number]>([
    ['is what its pipeline usually takes from its start', running(20), 60, 40],
    ['is told anew from the moment at which a cluster began', running(500, { engine: 'slurm', begunMs: NOW_MS - 10_000 }), 60, 50],
    ['goes on for a tenth once it takes longer than usual', running(100), 60, 10],
    ['goes by its own progress without a history', running(30, { progress: 25 }), undefined, 90],
    ['goes by its own progress rather than by the history', running(600, { progress: 5, timeLimitSeconds: 86_400 }), 720, 11_400],
    ['goes by the history until it has run long enough', running(8, { progress: 5 }), 60, 52],
    ['never lies behind its time limit', running(30, { progress: 10, timeLimitSeconds: 100 }), undefined, 70],
    ['is the usual time for a run that is just being started', aRun({ state: 'starting' }), 60, 60],
    ['is near for a run that is being stopped', running(30, { state: 'stopping' }), 600, 5],
  ])('%s', (_what, run, typical, seconds) => {
    expect(left(run, typical)).toBeCloseTo(seconds);
  });

  it.each<[string, ReturnType<typeof aRun>, number | undefined]>([
    ['without history and progress', running(30), undefined],
    ['with too little progress', running(30, { progress: 2 }), undefined],
    ['where a history says that most is done and its progress that hardly anything is', running(600, { progress: 2 }), 720],
    ['while a cluster lets it wait', running(30, { engine: 'slurm', engineNote: 'Priority' }), 60],
    ['while nobody can see it', running(30, { state: 'unknown' }), 60],
  ])('is not guessed %s', (_when, run, typical) => {
    expect(left(run, typical)).toBe(Infinity);
  });
});
