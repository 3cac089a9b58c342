import * as fc from 'fast-check';
import { isSameLevel, LEVEL, levelOf, rankOfLevel } from './rank';
import { ranksBeside, type Placed } from './rank-moves';

describe('levels', () => {
  it.each([
    [0, 0],
    [1, 0],
    [-1, 0],
    [LEVEL, 1],
    [LEVEL - 3, 1],
    [-LEVEL, -1],
    [-LEVEL + 3, -1],
  ])('rank %d is of level %d', (rank, level) => expect(levelOf(rank)).toBe(level));
});

describe('a run beside another of its line', () => {
  const order = (runs: readonly Placed[]) => [...runs].sort((one, other) => one.rank - other.rank || one.id - other.id).map(({ id }) => id);

  it('stands where it was put, however often runs are moved, and all others stay in their order and their level', () => {
    const moves = fc.array(fc.record({ run: fc.nat(7), other: fc.nat(7), side: fc.constantFrom('before' as const, 'after' as const) }), {
      minLength: 1,
      maxLength: 60,
    });
    const property = fc.property(moves, fc.constantFrom(0, 3, -2), (all, level) => {
      let runs: Placed[] = Array.from({ length: 8 }, (_, index) => ({ id: index + 1, rank: rankOfLevel(level) }));
      for (const { run, other, side } of all) {
        if (run === other) continue;
        const moved = runs[run];
        const line = runs.filter((one) => one !== moved);
        const ranks = ranksBeside(line, moved, runs[other].id, side)!;
        const wanted = order(line);
        wanted.splice(wanted.indexOf(runs[other].id) + (side === 'after' ? 1 : 0), 0, moved.id);
        runs = runs.map((one) => ({ ...one, rank: ranks.get(one.id) ?? one.rank }));
        expect(order(runs)).toEqual(wanted);
        expect(runs.every(({ rank }) => isSameLevel(rank, rankOfLevel(level)))).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('changes the rank of no other run where a rank is free', () => {
    const line = [1, 2, 3].map((id) => ({ id, rank: 0 }));
    expect([...ranksBeside(line, { id: 9, rank: 0 }, 1, 'before')!]).toEqual([[9, -1]]);
    expect([...ranksBeside(line, { id: 9, rank: -4 }, 3, 'after')!]).toEqual([[9, 0]]);
  });

  it('is refused where the other one does not wait, or its level has no room', () => {
    expect(ranksBeside([], { id: 9, rank: 0 }, 1, 'before')).toBeNull();
    const full = [-LEVEL / 2, LEVEL / 2 - 1].map((rank, index) => ({ id: index * 5 + 1, rank }));
    expect(ranksBeside(full, { id: 9, rank: 0 }, 1, 'before')).toBeNull();
  });
});
