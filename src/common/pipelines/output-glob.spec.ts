import { compileGlob } from './output-glob';

describe('compileGlob', () => {
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
  ])('%s and %s: %s', (glob, path, matches) => expect(compileGlob(glob)(path)).toBe(matches));
});
