import { checked, PLACES, shipped, writtenFor } from '../../../../test/pipelines/shipped';
import { rowsFrom } from '../file-source';
import { filesFor } from './render-files';

const hpaseg = shipped('hpaseg');

/** Three fields of view; the last has no image of a protein. */
const fov = (sample: string, ending: string, folder = '') => ({
  red: `project:${folder}${sample}_red.${ending}`,
  yellow: `project:${folder}${sample}_yellow.${ending}`,
  blue: `project:${folder}${sample}_blue.${ending}`,
  green: `project:${folder}${sample}_green.${ending}`,
  sample,
});
const { green: _, ...third } = fov('B2_3', 'png', 'Plate 1, B2/');
const FOVS = [fov('B2_1', 'tif'), fov('B2_2', 'tiff'), third];

const errorsOf = async (entered: Record<string, unknown>) => {
  const check = await checked(hpaseg, { fovs: FOVS, crop_cells: 'false', ...entered });
  return check.ok ? {} : check.errors;
};

describe('the list of HPAseg', () => {
  it('is exactly this for three fields of view, of which one lacks a channel', async () => {
    const files = await writtenFor(hpaseg, { fovs: FOVS, crop_cells: 'false' });
    expect(files).toEqual({
      'path_list.csv': `#r_image,y_image,b_image,g_image,segmentation_folder,crop_folder,output_prefix
images/B2_1_red.tif,images/B2_1_yellow.tif,images/B2_1_blue.tif,images/B2_1_green.tif,masks,crops,B2_1_
images/B2_2_red.tiff,images/B2_2_yellow.tiff,images/B2_2_blue.tiff,images/B2_2_green.tiff,masks,crops,B2_2_
images/B2_3_red.png,images/B2_3_yellow.png,images/B2_3_blue.png,,masks,crops,B2_3_
`,
      'config.yaml': 'crop_cells: false\n',
    });
  });

  it('has all options in the file, where no text can stand for true', async () => {
    const files = await writtenFor(hpaseg, { fovs: FOVS.slice(0, 2), crop_size: '512', crop_bitdepth: '16', crop_mask: 'false' });
    expect(files['config.yaml']).toBe('crop_cells: true\ncrop_size: 512\ncrop_bitdepth: 16\ncrop_mask: false\nmask_cell: true\n');
  });

  it('finds its images by links of its own, so that commas in folders do no harm', async () => {
    const check = await checked(hpaseg, { fovs: FOVS, crop_cells: 'false' });
    const { staged } = filesFor(hpaseg, check.values, PLACES);
    expect(staged).toHaveLength(11);
    expect(staged).toContainEqual({ reference: 'project:Plate 1, B2/B2_3_red.png', path: 'images/B2_3_red.png', as: 'link' });
  });

  it('makes rows of the images of a sample, however their endings are written', () => {
    const source = hpaseg.sources?.['fields'];
    const table = hpaseg.parameters.find((one) => one.name === 'fovs');
    if (source?.kind !== 'files' || table?.type !== 'table' || !table.fill) throw new Error('it has no rows to fill');
    const names = ['B2_red.TIF', 'B2_yellow.Tiff', 'B2_blue.JPG', 'B2_green.jpeg', 'C3_blue.PNG', 'C3_other.tif', 'D4_red.txt'];
    const files = names.map((name) => ({ name, folder: '', reference: `project:${name}` as const }));
    expect(rowsFrom(source, table.fill, files)).toEqual({
      rows: [
        {
          red: 'project:B2_red.TIF',
          yellow: 'project:B2_yellow.Tiff',
          blue: 'project:B2_blue.JPG',
          green: 'project:B2_green.jpeg',
          sample: 'B2',
        },
        { blue: 'project:C3_blue.PNG', sample: 'C3' },
      ],
      leftOut: 0,
    });
  });

  it('asks for the protein channel in all rows where cells are cut out', async () => {
    expect(await errorsOf({ crop_cells: 'true' })).toEqual({ fovs: expect.stringContaining('protein channel (green) in every row') });
    expect(await errorsOf({ crop_cells: 'true', fovs: FOVS.slice(0, 2) })).toEqual({});
  });

  it.each(['a,b', '#a', 'a"b', 'a\nb', ' ,', 'a/b', '../a', '-a', '.a', 'a\tb'])('has no sample %j', async (sample) => {
    expect(await errorsOf({ fovs: [FOVS[0], { ...FOVS[1], sample }] })).toEqual({ fovs: expect.stringContaining('Row 2') });
  });

  it('has no two rows of one sample, and none without nuclei, microtubules or ER', async () => {
    expect(await errorsOf({ fovs: [FOVS[0], { ...FOVS[1], sample: 'B2_1' }] })).toEqual({ fovs: expect.stringContaining('Row 2') });
    for (const channel of ['red', 'yellow', 'blue']) {
      expect(await errorsOf({ fovs: [{ ...FOVS[0], [channel]: '' }] })).toEqual({ fovs: expect.stringContaining('Row 1') });
    }
    expect(Object.keys(await errorsOf({ fovs: [] }))).toEqual(['fovs']);
  });

  it.each([
    ['crop_size', '0'],
    ['crop_size', '1.5'],
    ['crop_bitdepth', '32'],
    ['crop_bitdepth', '12'],
    ['gpus', '2'],
  ])('%s is not %s', async (name, value) => {
    expect(Object.keys(await errorsOf({ fovs: FOVS.slice(0, 2), crop_cells: 'true', [name]: value }))).toEqual([name]);
  });
});
