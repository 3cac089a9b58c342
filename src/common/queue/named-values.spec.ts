import { positional } from './named-values';

describe('positional', () => {
  it('puts each value where its name stands, as often as it stands there', () => {
    const [text, list] = positional('UPDATE t SET a = :one, b = :two WHERE a <> :one', { one: 1, two: null, unused: 3 });
    expect(text).toBe('UPDATE t SET a = ?, b = ? WHERE a <> ?');
    expect(list).toEqual([1, null, 1]);
  });

  it('refuses a statement with a value missing', () => {
    expect(() => positional('SELECT :one', {})).toThrow(':one');
  });
});
