import { usualInWords } from './usual-words';

describe('how long runs usually take, in words', () => {
  it.each([
    [{ low: 11, median: 12, high: 14 }, 'about 12 s'],
    [{ low: 1, median: 1, high: 18 }, '1 s to 18 s'],
    [{ low: 0, median: 0, high: 0 }, 'under 1 s'],
    [{ low: 0, median: 1, high: 12 }, 'under 12 s'],
    [{ low: 0, median: 1, high: 1 }, 'about 1 s'],
    [{ low: 40, median: 60, high: 3700 }, '40 s to 1 h 1 min'],
  ])('%j: %s', (usual, words) => {
    expect(usualInWords(usual)).toBe(words);
  });
});
