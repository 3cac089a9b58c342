import { clip } from './run-row';

describe('clip', () => {
  it('leaves what fits, marks what it cut, and cuts no character in two', () => {
    expect(clip(null, 5)).toBeNull();
    expect(clip('abcde', 5)).toBe('abcde');
    expect(clip('abcdef', 5)).toBe('abcd…');
    expect(clip('ab🙂🙂', 4)).toBe('ab…');
  });
});
