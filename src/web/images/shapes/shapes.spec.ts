import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TILE } from '../../../browser/viewer/pyramid';
import { cutLevel, FINENESS } from './cut-lines';
import { readFeatures } from './geojson';
import { indexShapes } from './index-shapes';
import { findShape, readShapeEnd, readShapeTile } from './shape-file';

const square = (left: number, top: number, edge: number) => [
  [left, top],
  [left + edge, top],
  [left + edge, top + edge],
  [left, top + edge],
  [left, top],
];
const feature = (rings: number[][][], more: object = {}) => ({
  type: 'Feature',
  geometry: { type: 'Polygon', coordinates: rings },
  ...more,
});

describe('readFeatures', () => {
  it('reads collections, arrays, single ones, parts and collections of geometries', () => {
    const polygon = feature([square(0, 0, 5), square(1, 1, 2)], { properties: { cell_id: 7, area: 3 } });
    const several = {
      type: 'Feature',
      id: 'cell9',
      geometry: { type: 'MultiPolygon', coordinates: [[square(9, 9, 2)], [square(20, 9, 2)]] },
    };
    const both = readFeatures(JSON.stringify({ type: 'FeatureCollection', features: [polygon, several] }), '');
    expect(both.map(({ label, lines }) => [label, lines.length])).toEqual([
      ['7', 2],
      ['cell9', 2],
    ]);
    expect(readFeatures(JSON.stringify([polygon]), 'area')[0].label).toBe('3');
    expect(readFeatures(JSON.stringify(polygon.geometry), '')[0].label).toBe('1');
    const mixed = { type: 'GeometryCollection', geometries: [polygon.geometry, { type: 'Point', coordinates: [3, 4] }] };
    expect(readFeatures(JSON.stringify(mixed), '')[0].lines.map((line) => line.length / 2)).toEqual([5, 5, 1]);
  });

  it.each([
    '',
    'null',
    '[]x',
    '{"features":[{"geometry":{"type":"Polygon","coordinates":[[[[[[1,2]]]]]]}}]}',
    '{"type":"Feature","geometry":{}}',
  ])('refuses %s', (text) => expect(() => readFeatures(text, '')).toThrow());

  it('passes over positions that are none, and names that are no names', () => {
    const strange = feature(
      [
        [
          [0, 0],
          ['a', 1],
          [null, null],
          [4, 4],
          [0, 4],
        ] as number[][],
      ],
      { properties: { label: {}, __proto__: null } },
    );
    expect(readFeatures(JSON.stringify(strange), 'label')[0]).toMatchObject({
      label: '1',
      lines: [expect.objectContaining({ length: 6 })],
    });
  });
});

describe('cutLevel', () => {
  const features = (...rings: number[][][]) => readFeatures(JSON.stringify([feature(rings)]), '');

  it('cuts a line at the edges of tiles, without losing a part of it', () => {
    const tiles = cutLevel(features(square(500, 500, 24)), 0);
    expect([...tiles.keys()].sort((one, other) => one - other)).toEqual([0, 1, 65_536, 65_537]);
    expect(tiles.get(0)!.numbers.slice(1, 3)).toEqual([500 * FINENESS, 500 * FINENESS]);
    for (const { numbers } of tiles.values())
      for (const number of numbers) expect(Math.abs(number)).toBeLessThanOrEqual((TILE + 4) * FINENESS);
  });

  it('costs what is drawn, and not what lies between', () => {
    const far = Array.from({ length: 20 }, (_, index) => [index % 2 ? 1_900_000 : index, index % 2 ? 1_900_000 - index : 0]);
    const begin = performance.now();
    const tiles = cutLevel(features(far), 0);
    // About 0.2 s; it was a minute when every tile between two points was looked at.
    expect(performance.now() - begin).toBeLessThan(8000);
    expect(tiles.has(1000 * 65_536 + 1000)).toBe(true);
    expect(tiles.has(1000 * 65_536 + 3000)).toBe(false);
  });

  it('makes dots of what is smaller than a pixel, one for each place', () => {
    const many = readFeatures(JSON.stringify(Array.from({ length: 1000 }, (_, index) => feature([square(index % 10, 0, 5)]))), '');
    expect(cutLevel(many, 6).get(0)!.numbers).toEqual([1, 0, 0]);
  });

  it('draws less the farther one is', () => {
    const circle = [Array.from({ length: 2000 }, (_, index) => [300 + 200 * Math.cos(index / 318), 300 + 200 * Math.sin(index / 318)])];
    const sizes = [0, 1, 2, 3].map((level) => cutLevel(features(...circle), level).get(0)!.numbers.length);
    expect(sizes).toEqual([...sizes].sort((one, other) => other - one));
    expect(sizes[3]).toBeLessThan(sizes[0] / 3);
  });
});

describe('an index of shapes', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'shapes-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives tiles and finds the smallest shape at a point, holes left out', async () => {
    const nested = [feature([square(0, 0, 3000), square(1000, 1000, 100)], { id: 1 }), feature([square(40, 40, 20)], { id: 'two' })];
    writeFileSync(join(folder, 'in'), JSON.stringify(nested));
    const [input, output] = [openSync(join(folder, 'in'), 'r'), openSync(join(folder, 'out'), 'w+')];
    indexShapes(input, output, '');
    closeSync(input);
    closeSync(output);
    const file = await open(join(folder, 'out'));
    const end = (await readShapeEnd(file, (await file.stat()).size))!;
    expect([end.features, end.levels.length]).toEqual([2, 4]);
    expect((await findShape(file, end, 50, 50))?.label).toBe('two');
    expect(await findShape(file, end, 500, 50)).toMatchObject({ label: '1', lines: [expect.any(Array), expect.any(Array)] });
    expect(await findShape(file, end, 1050, 1050)).toBeNull();
    expect(await findShape(file, end, 5000, 50)).toBeNull();
    expect((await readShapeTile(file, end, { level: 0, column: 0, row: 0 })).length).toBeGreaterThan(0);
    expect((await readShapeTile(file, end, { level: 0, column: 3, row: 3 })).length).toBe(0);
    await file.close();
  });

  it('is found in by a few bytes, however many tiles a file of dots makes', async () => {
    const dots = Array.from({ length: 5000 }, (_, index) => ({
      type: 'Point',
      coordinates: [(index % 50) * 36_000, Math.floor(index / 50) * 18_000],
    }));
    writeFileSync(join(folder, 'dots'), JSON.stringify(dots));
    const [input, output] = [openSync(join(folder, 'dots'), 'r'), openSync(join(folder, 'cut'), 'w+')];
    indexShapes(input, output, '');
    closeSync(input);
    closeSync(output);
    const file = await open(join(folder, 'cut'));
    const read = jest.spyOn(file, 'read');
    const end = (await readShapeEnd(file, (await file.stat()).size))!;
    const [column, row] = [Math.floor((49 * 36_000) / TILE), Math.floor((99 * 18_000) / TILE)];
    for (const at of [
      { column: 0, row: 0 },
      { column, row },
    ]) {
      const tile = await readShapeTile(file, end, { level: 0, ...at });
      expect([...new Int16Array(tile.buffer, tile.byteOffset, tile.length / 2)]).toHaveLength(3);
    }
    expect((await readShapeTile(file, end, { level: 0, column: column + 1, row })).length).toBe(0);
    const sizes = await Promise.all(read.mock.results.map(async ({ value }) => ((await value) as { bytesRead: number }).bytesRead));
    expect(sizes.reduce((sum, one) => sum + one, 0)).toBeLessThan(10_000);
    await file.close();
  });
});
