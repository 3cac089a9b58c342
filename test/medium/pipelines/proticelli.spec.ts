import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { SHIPPED } from '../../pipelines/shipped';
import { drawCell, drawCells, filesIn, read, runIn, STAND_INS, write } from '../../pipelines/stand-in';

const OPTIONS = { num_inference_steps: 20, batch_size: 4, seed: 7, dtype: 'float32', normalize: false };
const HEAD = 'image,protein,cell_line,output_prefix\n';

/** predict.py, on the stand-in for the library that it calls. */
describe('the program of ProtiCelli', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-proticelli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = join(SHIPPED, 'proticelli', 'predict.py');
  const python = (words: string[], library = join(STAND_INS, 'proticelli')) =>
    runIn(folder, ['python3', program, ...words], {
      PYTHONPATH: library,
      PYTHONDONTWRITEBYTECODE: '1',
      HOME: process.env['HOME'] ?? '',
    });
  const predict = (rows: string, options: object = OPTIONS) => {
    write(folder, { 'requests.csv': HEAD + rows, 'options.json': JSON.stringify(options) });
    return python([]);
  };

  it('predicts each protein of each cell, under names that a table tells', async () => {
    await drawCell(join(folder, 'cell 0.tif'));
    const { status, output } = await predict('cell 0.tif,ACTB,U2OS,c0\ncell 0.tif,"HLA-A,HLA-B",U2OS,c0\n');
    expect(output).toBe('[0/2] c0\nSaved predictions for c0\n[2/2] 2 of 2 predictions\n');
    expect(status).toBe(0);
    expect(read(folder, 'predictions.csv')).toBe(
      'image,cell_line,protein,file\ncell 0.tif,U2OS,ACTB,predictions/c0_0_U2OS_cell_ACTB.tif\n' +
        'cell 0.tif,U2OS,"HLA-A,HLA-B","predictions/c0_1_U2OS_cell_HLA-A,HLA-B.tif"\n',
    );
    const prediction = sharp(join(folder, 'predictions', 'c0_1_U2OS_cell_HLA-A,HLA-B.tif'));
    expect(await prediction.metadata()).toMatchObject({ width: 512, height: 512, channels: 1, depth: 'uchar' });
    expect(read(folder, 'ellviewer/c0.csv')).toBe(`uri,name,clip,transparency,color,default
c0_microtubules.png,Microtubules,,1.0,#ff0000,visible
c0_er.png,Endoplasmic reticulum,,1.0,#ffff00,visible
c0_nucleus.png,Nucleus,,1.0,#0000ff,visible
c0_0.png,ACTB,,1.0,#00ff00,visible
c0_1.png,"HLA-A,HLA-B",,1.0,#00ff00,yes
`);
    const nucleus = await sharp(join(folder, 'ellviewer/images/c0_nucleus.png')).raw().toBuffer({ resolveWithObject: true });
    expect(nucleus.info).toMatchObject({ width: 512, height: 512 });
    expect(nucleus.data[(256 * 512 + 256) * nucleus.info.channels]).toBe(255);
    expect(nucleus.data[0]).toBe(0);
  });

  it('keeps brackets, parentheses and blanks of cell lines apart from their names', async () => {
    await drawCell(join(folder, 'a.tif'));
    const { status } = await predict('a.tif,ACTB,BJ [Human fibroblast],a\n');
    expect(status).toBe(0);
    expect(filesIn(join(folder, 'predictions'))).toEqual(['a_0_BJ_[Human_fibroblast]_cell_ACTB.tif']);
  });

  it('goes on after a cell that fails, says why, and ends with another status', async () => {
    await drawCell(join(folder, 'good.tif'));
    await drawCell(join(folder, 'small.tif'), 456);
    await drawCells(join(folder, 'grey.tif'));
    write(folder, { 'text.tif': 'no image' });
    const rows = ['small', 'grey', 'text', 'good'].map((name) => `${name}.tif,ACTB,U2OS,${name}\n`).join('');
    const { status, output } = await predict(`${rows}good.tif,NONE,U2OS,unknown\n`);
    expect(status).toBe(3);
    expect(output).toContain('Failed to predict small: it has 456 × 456 pixels, and the model takes 512 × 512\n');
    expect(output).toContain('Failed to predict grey: it has not three channels');
    expect(output).toContain('Failed to predict text: not a TIFF file');
    expect(output).toContain('Failed to predict unknown: the model knows no NONE');
    expect(filesIn(join(folder, 'predictions'))).toEqual(['good_0_U2OS_cell_ACTB.tif']);
    expect((await predict('small.tif,ACTB,U2OS,small\n')).status).toBe(3);
  });

  it('prepares images as it is told', async () => {
    await drawCell(join(folder, 'a.tif'), 773);
    const prepared = { ...OPTIONS, normalize: true, bit_depth: 8, percentile: 99.95, clip_channel: 'none', scale_threshold: 0.1 };
    expect(await predict('a.tif,ACTB,U2OS,a\n', { ...prepared, pixel_size: 0.0707, order: 1 })).toMatchObject({ status: 0 });
  });

  it('writes the names that the form offers, thousands of them', async () => {
    const { status, output } = await python(['--names', folder]);
    expect(output).toContain('12809 names in ');
    expect(status).toBe(0);
    const names = read(folder, 'proteins.txt').trim().split('\n');
    expect(names).toHaveLength(12_809);
    expect(names).toContain('HLA-A,HLA-B');
    expect(read(folder, 'cell_lines.txt')).toContain('U2OS\n');
  });

  it('says what to install where the library is not there', async () => {
    write(folder, { 'requests.csv': `${HEAD}a.tif,ACTB,U2OS,a\n`, 'options.json': '{}' });
    expect(await python([], folder)).toMatchObject({ status: 1, output: expect.stringContaining('Install ProtiCelli') });
  });
});
