import { findProgress } from './progress-pattern';

describe('findProgress', () => {
  it('reads percent, or done of total, from the last line that matches', () => {
    const lines = ['10 % load', 'noise', '35.4 % segment', 'noise'];
    expect(findProgress('^(?<percent>[\\d.]+) % (?<text>.*)$', lines)).toEqual({ percent: 35, text: 'segment' });
    expect(findProgress('(?<done>\\d+)/(?<total>\\d+)', ['1/8', '3/8'])).toEqual({ percent: 38, text: null });
  });

  it('keeps within 0 and 100, and tells no number where there is none', () => {
    expect(findProgress('(?<percent>-?\\d+)', ['250'])).toEqual({ percent: 100, text: null });
    expect(findProgress('(?<done>\\d+)/(?<total>\\d+)', ['1/0'])).toEqual({ percent: null, text: null });
    expect(findProgress('^now: (?<text>.*)$', ['now: 日本'])).toEqual({ percent: null, text: '日本' });
  });

  it('tells nothing where nothing matches', () => {
    expect(findProgress('^step', ['other'])).toBeNull();
  });

  it('gives up on a pattern that backtracks without end', () => {
    const began = performance.now();
    expect(() => findProgress('^(a+)+$', [`${'a'.repeat(40)}!`])).toThrow(
      expect.objectContaining({ code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' }),
    );
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
