import { ProgressTracker } from './progress-tracker';

describe('ProgressTracker', () => {
  const percents = (tracker: ProgressTracker, ...lines: string[]) => lines.map((line) => tracker.read([line])?.percent);

  it('follows a bar, and keeps to what it knows while other lines come', () => {
    const tracker = new ProgressTracker({ lines: 'tqdm' });
    expect(tracker.read([' 10%|█| 1/10 [00:01<00:09]', 'a warning', ' 20%|██| 2/10 [00:02<00:08]'])).toEqual({ percent: 20, text: null });
    expect(tracker.read(['nothing'])).toBeNull();
  });

  it('counts bars inside of passes for their share of the whole', () => {
    const tracker = new ProgressTracker({ lines: 'auto' });
    expect(percents(tracker, 'Epoch 1/4', ' 50/100 [====>...] - loss: 1', 'Epoch 2/4', '100/100 [====]')).toEqual([0, 13, 25, 50]);
  });

  it('adds the parts of a workflow up', () => {
    const tracker = new ProgressTracker({ lines: 'auto' });
    const line = (name: string, done: number) => `[ab/12cd34] process > ${name} [ 10%] ${done} of 10`;
    expect(percents(tracker, line('FASTQC', 5), line('ALIGN', 0), line('FASTQC', 10), line('ALIGN', 5))).toEqual([50, 25, 50, 75]);
  });

  it('gives each of several bars its share, also after a runner was replaced', () => {
    const bars = [' 50%|', '100%|', '  0%|', ' 50%|', '100%|', ' 10%|'].map((bar) => `${bar}█| 1/2 [00:01<00:09]`);
    expect(percents(new ProgressTracker({ lines: 'tqdm', steps: 2 }), ...bars)).toEqual([25, 50, 50, 75, 100, 55]);
    const next = new ProgressTracker({ lines: 'tqdm', steps: 2 }, 75);
    expect(percents(next, bars[3], bars[4])).toEqual([75, 100]);
  });

  it('reads by the pattern of a manifest', () => {
    const tracker = new ProgressTracker({ pattern: '^(?<done>\\d+) of (?<total>\\d+): (?<text>.*)$' });
    expect(tracker.read(['1 of 4: load'])).toEqual({ percent: 25, text: 'load' });
    expect(new ProgressTracker({ pattern: '^now: (?<text>.*)$' }).read(['now: 日本'])).toEqual({ percent: null, text: '日本' });
  });
});
