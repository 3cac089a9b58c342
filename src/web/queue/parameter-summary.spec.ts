import { summariseParameters } from './parameter-summary';

const manifest = {
  parameters: [
    { name: 'image', label: 'Image', type: 'file' },
    { name: 'others', label: 'Others', type: 'files' },
    { name: 'sigma', label: 'Blur', type: 'number' },
    { name: 'split', label: '', type: 'boolean' },
    { name: 'note', label: 'Note', type: 'string' },
    { name: 'result', label: 'Result', type: 'output' },
  ],
};

describe('summariseParameters', () => {
  it('tells the first three in the order of the form, and all of them for the title', () => {
    const parameters = {
      sigma: 0,
      image: 'project:tiles/a.tif',
      others: ['inbox:b.tif', 'project:c.tif'],
      split: false,
      result: 'out.csv',
    };
    expect(summariseParameters({ manifest, parameters })).toEqual({
      short: 'Image: tiles/a.tif · Others: b.tif, c.tif · Blur: 0 · 1 more',
      all: 'Image: tiles/a.tif\nOthers: b.tif, c.tif\nBlur: 0\nsplit: no',
    });
  });

  it('tells units, labels of choices, and switches that a form has sent', () => {
    const parameters = [
      { name: 'size', label: 'Pixel size', type: 'number', unit: 'µm' },
      { name: 'order', label: 'Order', type: 'choice', options: [{ value: 'bright', label: 'Brightness' }] },
      { name: 'split', label: 'Split', type: 'boolean' },
    ];
    const entered = { size: '0.5', order: 'bright', split: 'true' };
    expect(summariseParameters({ manifest: { parameters }, parameters: entered }).all).toBe(
      'Pixel size: 0.5 µm\nOrder: Brightness\nSplit: yes',
    );
    expect(summariseParameters({ manifest: { parameters }, parameters: { size: '' } }).all).toBe('Pixel size: ');
    const limits = { parameters: [{ name: 'most', label: 'Largest', type: 'integer', unit: 'px²', zeroMeans: 'no limit' }] };
    expect(summariseParameters({ manifest: limits, parameters: { most: 0 } }).all).toBe('Largest: no limit');
    expect(summariseParameters({ manifest: limits, parameters: { most: 10 } }).all).toBe('Largest: 10 px²');
  });

  it('leaves a text alone that only looks like a file', () => {
    expect(summariseParameters({ manifest, parameters: { note: 'project: spleen' } }).short).toBe('Note: project: spleen');
  });

  it('survives what another version has written', () => {
    expect(summariseParameters({ manifest: {}, parameters: { a: 1 } })).toEqual({ short: '', all: '' });
    expect(summariseParameters({ manifest, parameters: { note: { odd: true } } }).short).toBe('Note: ');
  });
});
