import { Logger } from '@nestjs/common';
import { Patience } from './patience';

describe('Patience', () => {
  const lines: string[] = [];
  const sut = new Patience();

  beforeEach(() => {
    lines.length = 0;
    const keep = (message: unknown) => void lines.push(String(message));
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(keep);
    jest.spyOn(Logger.prototype, 'log').mockImplementation(keep);
  });
  afterEach(() => jest.restoreAllMocks());

  it('repeats a step until it succeeds, with one line at the beginning of the trouble and one at its end', async () => {
    let left = 3;
    const result = await sut.insist(async () => {
      left -= 1;
      if (left > 0) throw new Error('connect ECONNREFUSED');
      return 'done';
    });
    expect(result).toBe('done');
    expect(lines).toEqual([expect.stringContaining('connect ECONNREFUSED'), expect.stringContaining('again')]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const insisting = sut.insist(() => Promise.reject(new Error('away')), stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(insisting).rejects.toThrow(/abort/i);
  });
});
