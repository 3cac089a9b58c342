import { blendImages, blendLabels, BRIGHTEST, labelColour, type LightLayer } from '../../browser/viewer/blend';
import { readState, writeState } from '../../browser/viewer/layer-state';
import { levelCount, levelSize, rangeOf, tileGrid } from '../../browser/viewer/pyramid';
import { roundLength } from '../../browser/viewer/scale-bar';

describe('levels of a pyramid', () => {
  it('end with one tile', () => {
    expect([1, 512, 513, 1024, 10_000].map((edge) => levelCount(edge, 1))).toEqual([1, 1, 2, 2, 6]);
    expect(levelSize({ width: 10_001, height: 3 }, 3)).toEqual({ width: 1251, height: 1 });
    expect(tileGrid({ width: 1025, height: 512 }, 0)).toEqual({ columns: 3, rows: 1 });
  });
});

describe('the range of brightness', () => {
  const facts = (low: number, high: number) => ({ least: 0, most: high, low, high, reach: high, histogram: [high] });
  const sampleFacts = [facts(0, 1), facts(10, 250), facts(20, 90), facts(255, 256)];

  it('is that of a sample, or of the brightest of red, green and blue', () => {
    expect(rangeOf({ sampleFacts }, 2)).toMatchObject({ low: 20, high: 90 });
    expect(rangeOf({ sampleFacts }, BRIGHTEST)).toMatchObject({ low: 20, high: 250, reach: 250, histogram: [250] });
    expect([rangeOf({ sampleFacts }, 4), rangeOf({ sampleFacts: [] }, BRIGHTEST)]).toEqual([undefined, undefined]);
  });
});

describe('blending', () => {
  const light = (over: Partial<LightLayer>): LightLayer => ({
    kind: 'light',
    values: Uint16Array.of(0, 1000, 2000, 3000),
    samples: 1,
    sample: 0,
    stride: 4,
    width: 4,
    height: 1,
    low: 1000,
    high: 3000,
    colour: [255, 0, 0],
    opacity: 1,
    ...over,
  });
  const rowOf = (pixels: Uint8ClampedArray, part: number) =>
    Array.from({ length: pixels.length / 4 }, (_, index) => pixels[index * 4 + part]);

  it('adds up light between its ends, and keeps what is no number dark', () => {
    const pixels = new Uint8ClampedArray(16);
    blendImages(pixels, 4, 1, [light({}), light({ colour: [255, 0, 255], values: Float32Array.of(NaN, 3000, 1000, 2000), opacity: 0.5 })]);
    expect(rowOf(pixels, 0)).toEqual([0, 128, 128, 255]);
    expect(rowOf(pixels, 2)).toEqual([0, 128, 0, 64]);
    expect(rowOf(pixels, 3)).toEqual([255, 255, 255, 255]);
  });

  it('takes one sample of several', () => {
    const pixels = new Uint8ClampedArray(8);
    const values = Uint16Array.of(9, 3000, 9, 9, 1000, 9);
    blendImages(pixels, 2, 1, [light({ values, samples: 3, sample: 1, width: 2, stride: 2 })]);
    expect(rowOf(pixels, 0)).toEqual([255, 0]);
  });

  it('lays pictures over each other by their alpha', () => {
    const pixels = new Uint8ClampedArray(8);
    const values = Uint8Array.of(200, 100, 0, 255, 200, 100, 0, 0);
    blendImages(pixels, 2, 1, [{ kind: 'colour', values, samples: 4, stride: 2, width: 2, height: 1, opacity: 0.5, tint: null }]);
    expect([...pixels]).toEqual([100, 50, 0, 255, 0, 0, 0, 255]);
    blendImages(pixels, 2, 1, [{ kind: 'colour', values, samples: 4, stride: 2, width: 2, height: 1, opacity: 1, tint: [0, 255, 255] }]);
    expect([...pixels]).toEqual([0, 100, 0, 255, 0, 0, 0, 255]);
  });

  it('takes the brightest of red, green and blue for a picture in grey', () => {
    const pixels = new Uint8ClampedArray(8);
    const values = Uint8Array.of(0, 255, 10, 50, 0, 0);
    blendImages(pixels, 2, 1, [light({ values, samples: 3, sample: BRIGHTEST, stride: 2, width: 2, low: 0, high: 255 })]);
    expect(rowOf(pixels, 0)).toEqual([255, 50]);
  });

  it('paints each object in its colour, or only its border', () => {
    const values = Uint32Array.from({ length: 25 }, (_, index) => (index % 5 === 4 ? 0 : 70_000));
    const layer = { kind: 'labels' as const, values, samples: 1, stride: 5, width: 5, height: 5, opacity: 1, colour: null, picked: 0 };
    const pixels = new Uint8ClampedArray(100);
    blendLabels(pixels, 5, 5, [{ ...layer, outline: false }]);
    expect([...pixels.subarray(0, 4)]).toEqual([...labelColour(70_000), 255]);
    expect(pixels[4 * 4 + 3]).toBe(0);
    blendLabels(pixels, 5, 5, [{ ...layer, outline: true }]);
    expect(rowOf(pixels, 3).slice(10, 15)).toEqual([0, 0, 0, 255, 0]);
    // Of an object that ends with its tile the outline ends with it, too; one that goes on has none there.
    const rim = { left: Uint32Array.of(70_000, 70_000, 70_000, 70_000, 70_000), right: null, above: new Uint32Array(5), below: null };
    blendLabels(pixels, 5, 5, [{ ...layer, outline: true, rim }]);
    expect(rowOf(pixels, 3).slice(0, 5)).toEqual([255, 255, 255, 255, 0]);
    expect(rowOf(pixels, 3).slice(10, 15)).toEqual([0, 0, 0, 255, 0]);
    expect(new Set(Array.from({ length: 100 }, (_, label) => labelColour(label + 1).join())).size).toBeGreaterThan(95);
  });
});

describe('the state in the address', () => {
  const layer = { title: 'DAPI', source: 'a', version: 1, pages: [0], sample: 0, table: '', key: '', range: null };
  const layers = [
    { ...layer, kind: 'light' as const, colour: '#ffffff', opacity: 1, visible: true, outline: false },
    { ...layer, kind: 'labels' as const, colour: '', opacity: 0.5, visible: true, outline: false },
  ];

  it('says nothing of how it is at first', () => {
    expect(writeState(readState('', layers), layers)).toBe('');
  });

  it('comes back as it was written', () => {
    const state = readState('', layers);
    Object.assign(state, { place: { x: 5000.5, y: 12, zoom: 2.5 }, plane: 3, cell: '12' });
    Object.assign(state.layers[0], { visible: false, colour: '#00ff00', range: [100, 4000] });
    Object.assign(state.layers[1], { outline: true, opacity: 0.25 });
    expect(readState(writeState(state, layers), layers)).toEqual(state);
  });

  it('tells an own contrast from the one that a list of layers asked for', () => {
    const listed = [{ ...layers[0], range: [0, 255] as [number, number] }];
    expect(writeState(readState('', listed), listed)).toBe('');
    const state = readState('', listed);
    state.layers[0].range = null;
    expect(writeState(state, listed)).toBe('#l0=rauto');
    expect(readState('#l0=rauto', listed)).toEqual(state);
  });

  it.each(['#at=1,2', '#at=a,b,c', '#at=1,2,-3', '#l0=rnan:1,c<script>,o7,v', '#plane=-1', '#plane=x', '#cell=<b>', '#cell=0', '#l9=v0'])(
    'passes over %s',
    (hash) => {
      const state = readState(hash, layers);
      expect(state).toMatchObject({ place: null, plane: 0, cell: '' });
      expect(state.layers[0]).toMatchObject({ opacity: 1, colour: '#ffffff', range: null });
    },
  );
});

describe('the scale bar', () => {
  it('has a round length that fits', () => {
    for (const [perUnit, length] of [
      [1, 100],
      [0.03, 2000],
      [3, 20],
      [14, 10],
      [140, 1],
      [1000, 0.1],
    ])
      expect(roundLength(perUnit)).toBeCloseTo(length);
  });
});
