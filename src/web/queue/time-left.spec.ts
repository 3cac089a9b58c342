import { aRun } from '../../../test/factories';
import { timeLeft } from './time-left';

const BEGAN = 1_760_000_000_000;
const running = (over: Parameters<typeof aRun>[0] = {}) => aRun({ state: 'running', startedMs: BEGAN, ...over });
const after = (seconds: number) => BEGAN + seconds * 1000;

describe('timeLeft', () => {
  it('goes by the progress of the run itself', () => {
    expect(timeLeft(running({ progress: 25 }), undefined, after(60))).toEqual({ endMs: after(240), lateMs: null });
    expect(timeLeft(running({ progress: 25 }), 30, after(60))).toEqual({ endMs: after(240), lateMs: null });
    expect(timeLeft(running({ progress: 100 }), undefined, after(60))).toEqual({ endMs: after(60), lateMs: null });
  });

  it('waits for enough of it, and goes by the history until then', () => {
    expect(timeLeft(running({ progress: 2 }), undefined, after(600))).toBeNull();
    expect(timeLeft(running({ progress: 50 }), undefined, after(5))).toBeNull();
    expect(timeLeft(running({ progress: 50 }), 100, after(5))).toEqual({ endMs: after(100), lateMs: after(130) });
    expect(timeLeft(running(), 100, after(500))).toEqual({ endMs: after(100), lateMs: after(130) });
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
