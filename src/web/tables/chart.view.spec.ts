import { assert, array, integer, property } from 'fast-check';
import { barsOf, cloudOf, figuresOf } from './engine/bins';
import { arePlaces, histogramView, scatterView, sparkPath } from './chart.view';
import { shownNumber } from './shown-number';

/** The fields that a path covers, as `column,row` from above. */
function fieldsOf(path: string): string[] {
  return [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)].flatMap(([, x, y, width]) =>
    Array.from({ length: Number(width) }, (_, index) => `${Number(x) + index},${y}`),
  );
}

describe('a drawn scatter', () => {
  it('has every field that holds a point, once, and no other', () => {
    assert(
      property(array(integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 80 }), (values) => {
        const xs = Float64Array.from(values);
        const ys = Float64Array.from(values, (value, index) => value * (index % 3));
        const cloud = cloudOf(xs, ys)!;
        const { levels, grid, across, up, key, most } = scatterView(cloud, false);
        expect(levels.filter(({ level }) => !key.includes(level))).toEqual([]);
        if (most <= 7) expect(key).toHaveLength(most);
        const drawn = levels.flatMap(({ path }) => fieldsOf(path));
        const held = cloud.counts.flatMap((count, index) =>
          count > 0 ? [`${index % across},${up - 1 - Math.floor(index / across)}`] : [],
        );
        expect(drawn.toSorted()).toEqual(held.toSorted());
        const turned = scatterView(cloud, true).levels.flatMap(({ path }) => fieldsOf(path));
        expect(turned.map((field) => field.replace(/\d+$/, (row) => String(up - 1 - Number(row)))).toSorted()).toEqual(held.toSorted());
        expect(grid.rows.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0)).toBe(values.length);
      }),
    );
  });
});

it.each([
  ['x', 'y', true],
  ['centroid_x', 'centroid_y', true],
  ['X (µm)', 'Y (µm)', true],
  ['y', 'x', false],
  ['x', 'area', false],
  ['max', 'may', false],
])('%s and %s are places in an image: %s', (across, up, are) => expect(arePlaces(across, up)).toBe(are));

describe('a drawn histogram', () => {
  it('has bars as high as they count, with round edges, and the median between them', () => {
    const sorted = Float64Array.from({ length: 1000 }, (_, index) => index / 1000);
    const view = histogramView(barsOf(sorted)!, figuresOf(sorted));
    expect(view).toMatchObject({ low: '0', high: '1', most: '50' });
    expect(view.bars).toHaveLength(20);
    expect(view.bars[3]).toMatchObject({ from: '0.15', to: '0.2', count: 50, filter: '0.15..0.2', height: '120', y: '0' });
    expect(Number(view.median)).toBeCloseTo(239.8, 1);
  });

  it('draws numbers that are all the same as one bar', () => {
    const sorted = Float64Array.from([7, 7, 7]);
    expect(histogramView(barsOf(sorted)!, figuresOf(sorted)).bars).toMatchObject([{ from: '7', to: '8', count: 3 }]);
  });

  it('is small above a column', () => {
    expect(sparkPath([0, 2, 1])).toBe('M24 20v-20h23V20zM48 20v-10h23V20z');
    expect(sparkPath([])).toBe('');
  });
});

describe('a shown number', () => {
  it.each([
    [null, '–'],
    [1_234_567, '1,234,567'],
    [1234.5678, '1,234.6'],
    [0.000012345, '1.234e-5'],
    [-0.5, '-0.5'],
    [1e21, '1.000e21'],
    [Infinity, '∞'],
  ])('%p', (value, words) => expect(shownNumber(value)).toBe(words));
});
