import { checked, shipped, writtenFor } from '../../../../test/pipelines/shipped';

const proticelli = shipped('proticelli');
const NAMES = ['ACTB', 'HLA-A,HLA-B', 'HLA-A', 'A-431', 'hTERT-RPE1 (serum starved)', 'BJ [Human fibroblast]'];
const FULL = {
  cells: [
    { image: 'project:cell_0.tiff', name: 'cell_0', line: 'hTERT-RPE1 (serum starved)' },
    { image: 'project:plate 1, B2/cell_1.tiff', name: 'cell_1', line: 'BJ [Human fibroblast]' },
  ],
  proteins: ['ACTB', 'HLA-A,HLA-B'],
  num_inference_steps: '20',
  seed: '42',
  normalize: 'true',
  bit_depth: '16',
  pixel_size: '0.0707',
};

const errorsOf = async (change: Record<string, unknown>) => {
  const check = await checked(proticelli, { ...FULL, ...change }, NAMES);
  return check.ok ? {} : check.errors;
};

describe('the list of ProtiCelli', () => {
  it('is exactly this: each cell with each protein, though a protein has a comma in its key', async () => {
    const files = await writtenFor(proticelli, FULL, { names: NAMES });
    expect(files['requests.csv']).toBe(`image,protein,cell_line,output_prefix
/srv/files/cell_0.tiff,ACTB,hTERT-RPE1 (serum starved),cell_0
/srv/files/cell_0.tiff,"HLA-A,HLA-B",hTERT-RPE1 (serum starved),cell_0
"/srv/files/plate 1, B2/cell_1.tiff",ACTB,BJ [Human fibroblast],cell_1
"/srv/files/plate 1, B2/cell_1.tiff","HLA-A,HLA-B",BJ [Human fibroblast],cell_1
`);
    expect(JSON.parse(files['options.json'])).toEqual({
      num_inference_steps: 20,
      batch_size: 4,
      seed: 42,
      dtype: 'float32',
      normalize: true,
      bit_depth: 16,
      percentile: 99.95,
      clip_channel: '0',
      scale_threshold: 0.1,
      pixel_size: 0.0707,
      order: 1,
    });
  });

  it('leaves out what does not apply: no seed, no settings of what is not done', async () => {
    const least = { cells: FULL.cells, proteins: ['ACTB'] };
    const files = await writtenFor(proticelli, least, { names: NAMES });
    expect(JSON.parse(files['options.json'])).toEqual({ num_inference_steps: 50, batch_size: 4, dtype: 'float32', normalize: false });
  });

  it('takes a line that is a key with a comma as that key, and tells which names of a pasted list are unknown', async () => {
    const check = await checked(proticelli, { ...FULL, proteins: 'HLA-A,HLA-B\nACTB' }, NAMES);
    expect(check.values['proteins']).toEqual(['HLA-A,HLA-B', 'ACTB']);
    expect(await errorsOf({ proteins: 'ACTB\nACTC9' })).toEqual({ proteins: expect.stringContaining('ACTC9') });
  });

  it('knows no cell line that the model would quietly leave out', async () => {
    const [first, second] = FULL.cells;
    expect(await errorsOf({ cells: [first, { ...second, line: 'U20S' }] })).toEqual({ cells: expect.stringContaining('Row 2') });
    expect(await errorsOf({ cells: [first, { ...second, line: '' }] })).toEqual({ cells: expect.stringContaining('Row 2') });
  });

  it('keeps the files of cells apart, and their names in the folder', async () => {
    const [first, second] = FULL.cells;
    expect(await errorsOf({ cells: [first, { ...second, name: 'cell_0' }] })).toHaveProperty('cells');
    for (const name of ['../x', 'a/b', '.x', '-x', 'a,b', 'a\nb']) {
      expect(await errorsOf({ cells: [first, { ...second, name }] })).toHaveProperty('cells');
    }
  });

  it('is capped, by cells times proteins', async () => {
    const many = Array.from({ length: 150 }, (_, index) => `P${index}`);
    const cells = Array.from({ length: 7 }, (_, index) => ({ ...FULL.cells[0], name: `c${index}` }));
    const check = await checked(proticelli, { ...FULL, cells, proteins: many }, [...NAMES, ...many]);
    expect(check.ok ? {} : check.errors).toEqual({ proteins: expect.stringContaining('more than 1,000') });
  });

  it.each([
    ['num_inference_steps', '0'],
    ['num_inference_steps', '1.5'],
    ['batch_size', '0'],
    ['seed', '-1'],
    ['dtype', 'int8'],
    ['bit_depth', '12'],
    ['percentile', '101'],
    ['scale_threshold', '2'],
    ['clip_channel', '1'],
    ['pixel_size', '0'],
    ['order', '6'],
  ])('%s is not %s', async (name, value) => expect(Object.keys(await errorsOf({ [name]: value }))).toEqual([name]));

  it('knows that half precision takes a GPU', async () => {
    expect(Object.keys(await errorsOf({ dtype: 'float16' }))).toEqual(['dtype']);
    expect(await errorsOf({ dtype: 'float16', gpus: '1' })).toEqual({});
  });
});
