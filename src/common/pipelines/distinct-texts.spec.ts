import { makeDistinct } from './distinct-texts';
import type { Column, Row } from './rich-parameters';

const columns = (pattern: string | null) =>
  [
    { type: 'file', name: 'red' },
    { type: 'string', name: 'sample', unique: true, maxLength: 20, pattern, patternMessage: null },
  ] as unknown as Column[];
const rowOf = (path: string, sample: string): Row => ({ red: `project:${path}`, sample });
const samples = (made: Row[], known: Row[] = [], pattern: string | null = null) => {
  makeDistinct(columns(pattern), known, made);
  return made.map(({ sample }) => sample);
};

describe('texts of rows that are made of files', () => {
  it('get the name of their folder where another row has the same', () => {
    const made = [rowOf('fields/a_red.tif', 'a'), rowOf('fields/b_red.tif', 'b'), rowOf('fields (2)/a_red.tif', 'a')];
    expect(samples(made)).toEqual(['a', 'b', 'fields (2) a']);
    expect(samples([rowOf('x/a_red.tif', 'a')], [rowOf('y/a_red.tif', 'a')])).toEqual(['x a']);
  });

  it('get the whole path, or a number, where that is taken, too long, or no such text', () => {
    const made = ['1/x', '2/x', '3/x'].map((folder) => rowOf(`${folder}/a_red.tif`, 'a'));
    expect(samples(made)).toEqual(['a', 'x a', 'x_a']);
    expect(samples([rowOf('a_red.tif', 'a'), rowOf(`${'long'.repeat(9)}/a_red.tif`, 'a')])).toEqual(['a', 'a (2)']);
    expect(samples([rowOf('a_red.tif', 'a'), rowOf('p, q/a_red.tif', 'a')], [], '[a-z_]+')).toEqual(['a', 'p_q_a']);
    expect(samples([rowOf('a_red.tif', 'a'), rowOf('a_red.png', 'a')], [], 'a|a_\\d')).toEqual(['a', 'a_2']);
  });

  it('never take what another row has by itself, and stay where nothing else will do', () => {
    expect(samples([rowOf('a_red.tif', 'a'), rowOf('x/a_red.tif', 'a'), rowOf('x a_red.tif', 'x a')])).toEqual(['a', 'x_a', 'x a']);
    expect(samples([rowOf('a_red.tif', 'a'), rowOf('x/a_red.tif', 'a')], [], 'a')).toEqual(['a', 'a']);
  });
});
