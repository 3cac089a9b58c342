import { compileYaml } from '../pipeline-yaml';
import { starOf } from './view-rules';

const HEAD = `command: x
parameters:
  - { name: image, type: file }
  - { name: size, type: number }
  - { name: note, type: string }
`;
const faultsOf = (views: string) => {
  const compiled = compileYaml('x', `${HEAD}views:\n${views}`);
  return Array.isArray(compiled) ? compiled : [];
};

describe('views of a manifest', () => {
  it('are read with all they leave open', () => {
    const source = `${HEAD}views:
  - title: 'Field {*}'
    kind: layers
    each: 'masks/*_cell.png'
    pixelSize: { parameter: size }
    layers:
      - { parameter: image, colour: '#00ff00' }
      - { glob: 'masks/{*}_cell.png', as: outlines, table: cells.csv, key: cell_id }
      - { glob: '*.geojson', as: shapes, visible: false, opacity: 0.5 }
      - { list: 'ellviewer/{*}.csv' }
`;
    expect(compileYaml('x', source)).toMatchObject({
      views: [
        {
          title: 'Field {*}',
          kind: 'layers',
          each: 'masks/*_cell.png',
          pixelSize: { parameter: 'size' },
          layers: [
            { parameter: 'image', as: 'image', colour: '#00ff00', opacity: 1, visible: true },
            { glob: 'masks/{*}_cell.png', as: 'outlines', table: 'cells.csv', key: 'cell_id' },
            { as: 'shapes', visible: false, opacity: 0.5 },
            { list: 'ellviewer/{*}.csv', as: 'image' },
          ],
        },
      ],
    });
  });

  const one = (more: string, layer: string) => `  - title: A\n    kind: layers\n${more}    layers:\n      - ${layer}\n`;

  it.each([
    ['a layer of nothing', one('', '{ as: image }'), 'Line 10, views 1, layers 1: A layer has either a glob'],
    ['masks in a list', one('', "{ list: '*.csv', as: labels }"), 'Line 10, views 1, layers 1, as: The layers of a list are images.'],
    ['a layer of a list and a glob', one('', "{ glob: '*', list: '*.csv' }"), 'Line 10, views 1, layers 1: A layer has either a glob'],
    ['a layer of two', one('', "{ glob: '*', parameter: image }"), 'Line 10, views 1, layers 1: A layer has either a glob'],
    [
      'a parameter that is no file',
      one('', '{ parameter: note }'),
      'Line 10, views 1, layers 1, parameter: "note" is no parameter of type file',
    ],
    ['a role that is none', one('', "{ glob: '*', as: lables }"), 'Line 10, views 1, layers 1, as: '],
    [
      'a misspelt field',
      one('', "{ glob: '*', opactiy: 1 }"),
      'Line 10, views 1, layers 1, opactiy: There is no such field. Did you mean opacity?',
    ],
    ['a kind that is none', '  - title: A\n    kind: layer\n    layers: [{ parameter: image }]\n', 'Line 8, views 1, kind: '],
    ['a colour by name', one('', "{ glob: '*', colour: red }"), 'Line 10, views 1, layers 1, colour: Write a colour as #rrggbb.'],
    ['too much opacity', one('', "{ glob: '*', opacity: 2 }"), 'Line 10, views 1, layers 1, opacity: '],
    ['a place without each', one('', "{ glob: '{*}.png' }"), 'Line 10, views 1, layers 1, glob: {*} needs “each”'],
    ['each without a star', one('    each: a.png\n', "{ glob: '*' }"), 'Line 9, views 1, each: A * must stand for what differs'],
    [
      'a pixel size that is no number',
      one('    pixelSize: { parameter: note }\n', "{ glob: '*' }"),
      'Line 9, views 1, pixelSize, parameter: ',
    ],
    ['shapes alone', one('', "{ glob: '*', as: shapes }"), 'Line 9, views 1, layers: One layer must be an image'],
    ['a table of an image', one('', "{ glob: '*', table: a.csv, key: id }"), 'Line 10, views 1, layers 1, table: Only labels'],
    ['a table without key', one('', "{ glob: '*', as: labels, table: a.csv }"), 'Line 10, views 1, layers 1, table: Say with “key”'],
  ])('name %s with its line', (_what, views, fault) => {
    expect(faultsOf(views)).toEqual([expect.stringContaining(fault)]);
  });
});

describe('starOf', () => {
  it.each([
    ['masks/*_cell.png', 'masks/fov 1_cell.png', 'fov 1'],
    ['masks/*_cell.png', 'masks/a_cell.png_cell.png', 'a_cell.png'],
    ['masks/*_cell.png', 'other/a_cell.png', null],
    ['**/*.tif', 'a/b/c.TIF', 'c'],
    ['*', 'a', 'a'],
    ['*/mask.tif', 'well (B+7)/mask.tif', 'well (B+7)'],
  ])('finds in %s for %s: %s', (glob, path, star) => expect(starOf(glob)(path)).toBe(star));
});
