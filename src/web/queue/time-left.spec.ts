import { aRun } from '../../../test/factories';
import { timeLeft } from './time-left';

const BEGAN = 1_760_000_000_000;
const running = (over: Parameters<typeof aRun>[0] = {}) => aRun({ state: 'running', startedMs: BEGAN, timeLimitSeconds: 86_400, ...over });
const after = (seconds: number) => BEGAN + seconds * 1000;

describe('timeLeft', () => {
  it('goes by the progress of the run itself', () => {
    expect(timeLeft(running({ progress: 25 }), undefined, after(60))).toEqual({
      endMs: after(240),
      lateMs: null,
      pace: { sinceMs: BEGAN, percent: 25 },
      isCutOff: false,
    });
    expect(timeLeft(running({ progress: 25 }), 30, after(60))).toEqual({
      endMs: after(240),
      lateMs: null,
      pace: { sinceMs: BEGAN, percent: 25 },
      isCutOff: false,
    });
    expect(timeLeft(running({ progress: 5 }), 720, after(600))).toMatchObject({ endMs: after(12_000), lateMs: null });
  });

  it('waits for enough of it, and goes by the history until then', () => {
    expect(timeLeft(running({ progress: 2 }), undefined, after(600))).toBeNull();
    expect(timeLeft(running({ progress: 50 }), undefined, after(5))).toBeNull();
    expect(timeLeft(running({ progress: 20 }), 100, after(5))).toEqual({
      endMs: after(100),
      lateMs: after(130),
      pace: null,
      isCutOff: false,
    });
    expect(timeLeft(running({ progress: 0 }), 100, after(20))).toMatchObject({ endMs: after(100) });
    expect(timeLeft(running(), 100, after(500))).toEqual({ endMs: after(100), lateMs: after(130), pace: null, isCutOff: false });
  });

  it.each([
    ['nearly over, and it has told that it has hardly begun', 2, 720, 600],
    ['over, and it has told that it has done nothing yet', 0, 720, 900],
    ['half over, and it has told nothing but 0', 0, 720, 360],
    ['far from over, and it was through with most at once, as one that goes on where it stopped', 90, 600, 5],
  ])('gives no figure where by the history it is %s', (_what, progress, typical, seconds) => {
    expect(timeLeft(running({ progress }), typical, after(seconds))).toBeNull();
  });

  it('takes a progress of 100 for the end, unless the history knows of work that comes after', () => {
    expect(timeLeft(running({ progress: 100 }), undefined, after(60))).toMatchObject({ endMs: after(60), lateMs: null });
    expect(timeLeft(running({ progress: 100 }), 600, after(60))).toMatchObject({ endMs: after(60), lateMs: null });
    expect(timeLeft(running({ progress: 100 }), 600, after(400))).toMatchObject({ endMs: after(600) });
    expect(timeLeft(running({ progress: 100 }), 600, after(700))).toMatchObject({ endMs: after(700), lateMs: null });
  });

  it('promises no end that its time limit does not let it reach', () => {
    const limited = running({ progress: 5, timeLimitSeconds: 3600 });
    expect(timeLeft(limited, undefined, after(600))).toMatchObject({ endMs: after(3600), isCutOff: true });
    expect(timeLeft(running({ progress: 50, timeLimitSeconds: 3600 }), undefined, after(600))).toMatchObject({ isCutOff: false });
  });

  it('says nothing where nobody knows, and of what does not run', () => {
    expect(timeLeft(running(), undefined, after(60))).toBeNull();
    for (const state of ['queued', 'starting', 'stopping', 'unknown', 'succeeded'] as const) {
      expect(timeLeft(running({ state, progress: 50 }), 100, after(60))).toBeNull();
    }
  });

  it('counts from when the program began, not while it waits in a cluster or for a launcher', () => {
    expect(timeLeft(running({ engine: 'slurm', engineNote: 'Priority' }), 100, after(60))).toBeNull();
    expect(timeLeft(running({ engine: 'slurm', begunMs: after(50) }), 100, after(60))).toMatchObject({ endMs: after(150) });
  });
});
