import { toneOf } from './line-tone';

describe('toneOf', () => {
  it.each([
    ['ERROR : missing image for marker CD45', 'error'],
    ['Traceback (most recent call last):', 'error'],
    ['  WARNING: 9 objects dropped', 'warning'],
    ['finished with 0 errors', 'plain'],
    ['mean error = 0.02', 'plain'],
    ['terror_bird.png written', 'plain'],
  ])('takes the tone of "%s"', (raw, tone) => expect(toneOf(raw)).toBe(tone));
});
