import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Patience } from './patience';

describe('Patience', () => {
  const lines: string[] = [];
  let sut: Patience;

  beforeEach(() => {
    sut = new Patience();
    lines.length = 0;
    const keep = (message: unknown) => void lines.push(String(message));
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(keep);
    jest.spyOn(Logger.prototype, 'log').mockImplementation(keep);
  });
  afterEach(() => jest.restoreAllMocks());

  /** A step that fails so often, each time with what `messageOf` says. */
  function failing(times: number, messageOf: (left: number) => string): () => Promise<string> {
    let left = times;
    return () => {
      left -= 1;
      return left >= 0 ? Promise.reject(new Error(messageOf(left))) : Promise.resolve('done');
    };
  }

  it('repeats a step until it succeeds, with one line at the beginning of the trouble and one at its end', async () => {
    expect(await sut.insist(failing(2, () => 'connect ECONNREFUSED'))).toBe('done');
    expect(lines).toEqual([
      'Something fails and is tried again; programs go on: connect ECONNREFUSED',
      'It does not fail any more: connect ECONNREFUSED',
    ]);
  });

  it('tells each trouble once, however many others come, stay and go beside it', async () => {
    const isOver = new AbortController();
    const others = (async () => {
      while (!isOver.signal.aborted) {
        await sut.insist(() => Promise.resolve());
        await sleep(1);
      }
    })();
    await Promise.all([sut.insist(failing(3, () => 'the disk is full')), sut.insist(failing(3, () => 'nobody answers'))]);
    isOver.abort();
    await others;
    expect(lines.toSorted()).toEqual([
      'It does not fail any more: nobody answers',
      'It does not fail any more: the disk is full',
      'Something fails and is tried again; programs go on: nobody answers',
      'Something fails and is tried again; programs go on: the disk is full',
    ]);
  });

  it('tells a trouble that many have once, and its end when the last of them is rid of it', async () => {
    await Promise.all([1, 2, 3].map((times) => sut.insist(failing(times, () => 'nobody answers'))));
    expect(lines).toEqual([
      'Something fails and is tried again; programs go on: nobody answers',
      'It does not fail any more: nobody answers',
    ]);
  });

  it('takes what fails now for this reason and now for that for one trouble', async () => {
    const trouble = sut.newTrouble();
    for (let count = 0; count < 100; count += 1) trouble.report(new Error(count % 2 === 0 ? 'nobody answers' : 'too many connections'));
    trouble.end();
    trouble.end();
    expect(lines).toEqual([
      'Something fails and is tried again; programs go on: nobody answers',
      'It does not fail any more: nobody answers',
    ]);
  });

  it('remembers nothing of troubles that are over, however they ended', async () => {
    for (let number = 0; number < 1000; number += 1) {
      const trouble = sut.newTrouble();
      trouble.report(new Error(`no such file: ${number}`));
      trouble.end();
    }
    const stop = new AbortController();
    const insisting = sut.insist(() => Promise.reject(new Error('away')), stop.signal);
    await sleep(10);
    expect(sut.troubles).toBe(1);
    stop.abort();
    await expect(insisting).rejects.toThrow(/abort/i);
    expect(sut.troubles).toBe(0);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const insisting = sut.insist(() => Promise.reject(new Error('away')), stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(insisting).rejects.toThrow(/abort/i);
  });
});
