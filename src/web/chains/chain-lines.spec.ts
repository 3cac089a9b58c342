import { linesOf } from './chain-lines';

describe('linesOf', () => {
  const link = (runId: number, afterRun: number) => ({ runId, afterRun, rootRun: 1 });

  it('goes from the first run to each that none follows', () => {
    expect(linesOf([])).toEqual([]);
    expect(linesOf([link(2, 1), link(3, 2)])).toEqual([[1, 2, 3]]);
    expect(linesOf([link(2, 1), link(3, 2), link(5, 1)])).toEqual([
      [1, 2, 3],
      [1, 5],
    ]);
  });

  it('leaves out what hangs on a link that is gone', () => expect(linesOf([link(2, 1), link(9, 7)])).toEqual([[1, 2]]));
});
