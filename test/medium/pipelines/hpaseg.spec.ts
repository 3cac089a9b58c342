import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { SHIPPED } from '../../pipelines/shipped';
import { drawCells, filesIn, PYTHON, read, runIn, STAND_INS, write } from '../../pipelines/stand-in';

const HEAD = '#r_image,y_image,b_image,g_image,segmentation_folder,crop_folder,output_prefix\n';

/** The program that is started, on the stand-in for the one that it starts. */
describe('the program of HPAseg', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-hpaseg-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const segment = (environment: Record<string, string> = {}) =>
    runIn(folder, [process.execPath, join(SHIPPED, 'hpaseg', 'segment.mjs')], {
      HPASEG_HOME: join(STAND_INS, 'hpaseg'),
      HPASEG_PYTHON: PYTHON,
      ...environment,
    });
  const draw = (sample: string, ending = 'tif') =>
    Promise.all(
      ['red', 'yellow', 'blue', 'green'].map((channel, shift) =>
        drawCells(join(folder, 'images', `${sample}_${channel}.${ending}`), { shift }),
      ),
    );
  const row = (sample: string, ending = 'tif', green = `images/${sample}_green.${ending}`) =>
    `images/${sample}_red.${ending},images/${sample}_yellow.${ending},images/${sample}_blue.${ending},${green},masks,crops,${sample}_\n`;

  it('segments each field, cuts out its cells, and makes a view of it', async () => {
    await Promise.all([draw('a'), draw('b', 'png')]);
    write(folder, { 'path_list.csv': HEAD + row('a') + row('b', 'png'), 'config.yaml': 'crop_cells: true\ncrop_size: 32\n' });
    const { status, output } = await segment({ SHOWRUNNER_PROGRESS: join(folder, 'progress') });
    expect(output).toContain('- Saved results for a_\n- Saved results for b_\n');
    expect(status).toBe(0);
    for (const mask of ['a_cellmask', 'a_nucleimask', 'b_cellmask']) {
      const image = sharp(join(folder, 'masks', `${mask}.png`));
      expect(await image.metadata()).toMatchObject({ width: 128, depth: 'ushort', channels: 1 });
    }
    expect(filesIn(join(folder, 'crops')).filter((name) => name.startsWith('a_cell9_'))).toHaveLength(10);
    expect(read(folder, 'crop_info.csv').split('\n')).toHaveLength(2 * 9 + 2);
    expect(read(folder, 'progress')).toBe('2/2 fields of view\n');
    const [head, ...cells] = read(folder, 'cells/a.csv').trim().split('\n');
    expect(head).toBe('cell,area,nucleus_area,x,y,microtubules_mean,er_mean,nuclei_mean,protein_mean');
    expect(cells.map((cell) => Number(cell.split(',')[0]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const { data: labels, info: size } = await sharp(join(folder, 'masks/a_cellmask.png'))
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true });
    const ofFirst = new Uint16Array(labels.buffer, labels.byteOffset, size.width * size.height).filter((label) => label === 1);
    const [, area, nucleus, x, y, ...light] = cells[0].split(',').map(Number);
    expect(area).toBe(ofFirst.length);
    expect(nucleus).toBeGreaterThan(150);
    expect([x, y].every((middle) => [20, 60, 100].some((place) => Math.abs(middle - place) < 4))).toBe(true);
    expect(light.every((mean) => mean > 1000)).toBe(true);
    expect(read(folder, 'ellviewer/a.csv')).toBe(`uri,name,clip,transparency,color,default
a_red.png,Microtubules,,1.0,#ff0000,visible
a_yellow.png,Endoplasmic reticulum,,1.0,#ffff00,visible
a_blue.png,Nuclei,,1.0,#0000ff,visible
a_green.png,Protein,,1.0,#00ff00,visible
a_cell_outlines.png,Outlines of cells,,1.0,#ffffff,visible
a_nuclei_outlines.png,Outlines of nuclei,,1.0,#00ffff,visible
`);
    for (const name of filesIn(join(folder, 'ellviewer', 'images'))) {
      expect(await sharp(join(folder, 'ellviewer', 'images', name)).metadata()).toMatchObject({ width: 128, height: 128, depth: 'uchar' });
    }
    const { data, info } = await sharp(join(folder, 'ellviewer/images/a_nuclei_outlines.png')).raw().toBuffer({ resolveWithObject: true });
    const white = data.filter((value) => value === 255).length / info.channels;
    expect(white).toBeGreaterThan(9 * 20);
    expect(white).toBeLessThan(9 * 100);
    expect(filesIn(folder)).not.toContain('models');
  });

  it('says by its status that some fields failed, and which', async () => {
    await Promise.all([draw('a'), draw('b')]);
    write(folder, { 'path_list.csv': HEAD + row('a') + row('gone') + row('b'), 'config.yaml': 'crop_cells: false\n' });
    const { status, output } = await segment();
    expect(status).toBe(3);
    expect(output).toContain("- Failed to process 'images/gone_red.tif,");
    expect(output).toContain('No masks were written for gone_');
    expect(filesIn(join(folder, 'ellviewer')).filter((name) => name.endsWith('.csv'))).toEqual(['a.csv', 'b.csv']);
  });

  it('says by its status also that all failed, though the program itself says 0', async () => {
    write(folder, { 'path_list.csv': HEAD + row('gone'), 'config.yaml': 'crop_cells: false\n' });
    expect((await segment()).status).toBe(3);
  });

  it('makes a view without the channel that is missing', async () => {
    await draw('a');
    write(folder, { 'path_list.csv': HEAD + row('a', 'tif', ''), 'config.yaml': 'crop_cells: false\n' });
    expect((await segment()).status).toBe(0);
    expect(read(folder, 'ellviewer/a.csv')).not.toContain('Protein');
  });

  it('keeps 16 bits of images that it turns into TIFF', async () => {
    await draw('a', 'png');
    write(folder, { 'path_list.csv': HEAD + row('a', 'png'), 'config.yaml': 'crop_cells: false\n' });
    await segment();
    const image = sharp(join(folder, 'images', 'a_blue.png'));
    expect(await image.metadata()).toMatchObject({ format: 'tiff', depth: 'ushort' });
    const { data } = await image.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true });
    expect(new Uint16Array(data.buffer, data.byteOffset, 128 * 128).reduce((most, value) => Math.max(most, value))).toBeGreaterThan(20_000);
  });

  it('tells what is not there: Python, weights, options', async () => {
    await draw('a');
    write(folder, { 'path_list.csv': HEAD + row('a'), 'config.yaml': '' });
    expect(await segment({ HPASEG_PYTHON: '/nowhere/python3' })).toMatchObject({
      status: 1,
      output: expect.stringContaining('/nowhere/python3 is not there. Install it, or set HPASEG_PYTHON.'),
    });
    expect(await segment({ HPASEG_HOME: folder })).toMatchObject({ status: 1 });
    rmSync(join(folder, 'config.yaml'));
    expect(await segment()).toMatchObject({ status: 1, output: expect.stringContaining('config.yaml') });
  });

  it('would be cut wrong by a comma: why none is let through', async () => {
    await draw('a');
    write(folder, { 'path_list.csv': HEAD + row('a,b'), 'config.yaml': 'crop_cells: false\n' });
    expect((await segment()).output).toMatch(/- Failed to process 'images\/a,b_red/);
    write(folder, { 'path_list.csv': `${HEAD}a,b,c\n`, 'config.yaml': 'crop_cells: false\n' });
    expect((await segment()).output).toContain('list index out of range');
  });
});
