import * as fc from 'fast-check';
import { compileGlob as compileExpression } from '../../browser/conditions/glob';
import { walkGlob } from './glob-walk';
import { compileGlob } from './output-glob';

describe.each([
  ['compileGlob', compileGlob],
  ['walkGlob', walkGlob],
])('%s', (_name, compile) => {
  it.each([
    ['*.png', 'overlay.png', true],
    ['*.png', 'OVERLAY.PNG', true],
    ['*.png', 'sub/overlay.png', false],
    ['**/*.png', 'sub/deep/overlay.png', true],
    ['**/*.png', 'overlay.png', true],
    ['sub/**', 'sub/deep/x', true],
    ['cell_?.tif', 'cell_1.tif', true],
    ['cell_?.tif', 'cell_12.tif', false],
    ['a(b)[c]+.csv', 'a(b)[c]+.csv', true],
    ['a.csv', 'abcsv', false],
    ['*', 'line\nbreak', true],
    ['**/*_*_*.csv', 'deep/plate_1_cells.csv', true],
    ['**/*_*_*.csv', 'deep_er/plate_cells.csv', false],
    ['?.tif', '🔬.tif', true],
  ])('%s and %s: %s', (glob, path, matches) => expect(compile(glob)(path)).toBe(matches));

  it('answers at once whatever the pattern is', () => {
    const fits = compile(`${'*'.repeat(199)}x`);
    const names = compile(`${'*a'.repeat(99)}*x`);
    const startMs = performance.now();
    expect([fits('cells.csv'), fits('a'.repeat(250)), fits('deep/x'), names('a'.repeat(250))]).toEqual([false, false, true, false]);
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});

it('both ways to read a pattern are one', () => {
  const words = (letters: string[], most: number) => fc.array(fc.constantFrom(...letters), { maxLength: most }).map((all) => all.join(''));
  const globs = words(['*', '*', '**/', '?', '/', 'a', 'B', '.'], 7);
  const paths = words(['a', 'b', 'A', '/', '.'], 9);
  fc.assert(
    fc.property(globs, paths, (glob, path) => walkGlob(glob)(path) === compileExpression(glob)(path)),
    { numRuns: 2000 },
  );
});
