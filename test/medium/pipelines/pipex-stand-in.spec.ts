import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawCells, filesIn, read, runIn, STAND_INS, write, type Ended } from '../../pipelines/stand-in';

/** What was measured with the real PIPEX 2.0: the stand-in has to do the same, or the tests of the whole path would prove nothing. */
describe('the stand-in for PIPEX', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-pipex-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const pipex = (lines: string[], environment: Record<string, string> = {}): Promise<Ended> => {
    write(folder, { 'pipex_batch_list.txt': lines.map((line) => `${line}\n`).join(''), 'run_id.txt': '12\n' });
    return runIn(folder, [process.execPath, join(STAND_INS, 'pipex', 'pipex.mjs')], environment);
  };
  const data = () => `-data=${join(folder, 'data')}`;
  const images = (...names: string[]) => Promise.all(names.map((name, shift) => drawCells(join(folder, 'data', name), { shift })));
  const has = (name: string) => filesIn(folder).includes(name);

  it('does all steps, with the files and the lines of each', async () => {
    await images('DAPI.tif', 'CD8.tif');
    const { status, output } = await pipex([
      '# a comment',
      'max_res 30000',
      `preprocessing.py ${data()} -preprocess_markers=DAPI`,
      `segmentation.py ${data()} -nuclei_marker=DAPI -nuclei_expansion=3 -measure_markers=DAPI,CD8`,
      `analysis.py ${data()} -analysis_markers=DAPI,CD8 -kmeans=yes -k_clusters=2`,
      `generate_geojson.py ${data()} -cluster_id=kmeans -cluster_color=kmeans_color`,
      `generate_filtered_masks.py ${data()} -field=kmeans -values=1 -lmd=yes`,
      `generate_tissuumaps.py ${data()} -include_html=yes`,
    ]);
    expect(status).toBe(0);
    for (const step of [
      'preprocessing',
      'segmentation',
      'analysis',
      'generate_geojson',
      'generate_filtered_masks',
      'exporting tissuumaps',
    ]) {
      expect(output).toMatch(new RegExp(`^>>> Start time ${step} = \\d\\d/\\d\\d/\\d{4} \\d\\d:\\d\\d:\\d\\d$`, 'm'));
      expect(output).toMatch(new RegExp(`^>>> End time ${step} = `, 'm'));
    }
    expect(read(folder, 'LAST_RUN_ID')).toBe('12');
    const [head, ...cells] = read(folder, 'data/analysis/cell_data.csv').trim().split('\n');
    expect(head).toBe(
      'cell_id,size,x,y,solidity,eccentricity,memref,DAPI,CD8,' +
        'DAPI_local_90,DAPI_ratio_pixels,DAPI_otsu3,DAPI_triangle_score,DAPI_gmm_prob,' +
        'CD8_local_90,CD8_ratio_pixels,CD8_otsu3,CD8_triangle_score,CD8_gmm_prob,kmeans,kmeans_color',
    );
    expect(cells).toHaveLength(9);
    expect(JSON.parse(read(folder, 'data/analysis/cell_segmentation_geo.json'))).toHaveLength(9);
    expect(filesIn(join(folder, 'data', 'analysis'))).toEqual(
      expect.arrayContaining([
        'segmentation_data.npy',
        'segmentation_mask.tif',
        'segmentation_boundaries.png',
        'lmd_shapes.xml',
        'downstream/anndata_TissUUmaps.h5ad',
        'downstream/TissUUmaps_webexport/index.html',
      ]),
    );
    expect(has('RUNNING')).toBe(false);
  });

  it('hands each line to a shell', async () => {
    await images('DAPI.tif');
    const { output } = await pipex([`analysis.py ${data()} -analysis_markers=DAPI; echo INJECTED`]);
    expect(output).toContain('\nINJECTED\n');
  });

  it('tells nothing of a step that failed by its status or its last id', async () => {
    await images('DAPI.tif');
    const { status, output } = await pipex([
      `segmentation.py ${data()} -nuclei_marker=DAPI -nuclei_diameter= -measure_markers=DAPI`,
      `analysis.py ${data()} -analysis_markers=DAPI`,
    ]);
    expect(status).toBe(0);
    expect(output).toContain("error: argument --nuclei_diameter: invalid int value: ''");
    expect(output).toMatch(/Traceback \(most recent call last\):\n.*\nFileNotFoundError: .*cell_data\.csv/);
    expect(output).not.toContain('>>> End time analysis');
    expect(read(folder, 'LAST_RUN_ID')).toBe('12');
  });

  it('drops the rest where the data folder stands last, or is not there, and ends as if nothing were', async () => {
    await images('DAPI.tif');
    const last = await pipex([`generate_geojson.py ${data()}`, `analysis.py ${data()} -analysis_markers=DAPI`]);
    expect(last).toMatchObject({ status: 0, output: expect.not.stringContaining('analysis.py') });
    expect(last.output).toContain('substring not found');
    const gone = await pipex([`analysis.py -data=/nowhere -analysis_markers=DAPI`, `analysis.py ${data()} -analysis_markers=DAPI`]);
    write(folder, { 'log.txt': '' });
    const copied = await pipex([`analysis.py -data=/nowhere -analysis_markers=DAPI`, `analysis.py ${data()} -analysis_markers=DAPI`]);
    expect(gone.output).toContain(`>>>    analysis.py ${data()}`);
    expect(copied.output).not.toContain(`>>>    analysis.py ${data()}`);
    expect(read(folder, 'LAST_RUN_ID')).toBe('12');
  });

  it('does nothing beside another one, and says so by nothing but a line', async () => {
    write(folder, { RUNNING: String(process.pid) });
    const { status, output } = await pipex([`analysis.py ${data()} -analysis_markers=DAPI`]);
    expect(status).toBe(0);
    expect(output).toContain('Another PIPEX process seems to be running');
    expect(has('LAST_RUN_ID')).toBe(false);
    write(folder, { RUNNING: 'garbage' });
    const garbage = await pipex([`analysis.py ${data()} -analysis_markers=DAPI`]);
    expect(garbage).toMatchObject({ status: 0, output: expect.not.stringContaining('analysis.py') });
    expect(has('LAST_RUN_ID')).toBe(true);
  });

  it('leaves no last id, and a status, where it has no batch list', async () => {
    const { status } = await runIn(folder, [process.execPath, join(STAND_INS, 'pipex', 'pipex.mjs')]);
    expect(status).toBe(1);
    expect(has('LAST_RUN_ID')).toBe(false);
  });

  it('takes the image of another marker whose name ends alike', async () => {
    await images('DAPI.tif', 'PDL1.tif');
    const { output } = await pipex([`segmentation.py ${data()} -nuclei_marker=DAPI -measure_markers=L1,PDL1`]);
    expect(output).toContain('>>> End time segmentation');
    expect(output).toContain('Marker L1 calculated');
    expect(output).not.toContain('Marker PDL1 calculated');
  });

  it('names the markers that have no image', async () => {
    await images('DAPI.tif');
    const { output } = await pipex([`segmentation.py ${data()} -nuclei_marker=DAPI -measure_markers=DAPI,CD8`]);
    expect(output).toMatch(/^>>> ERROR: .*CD8/m);
    expect(has('data/analysis/cell_data.csv')).toBe(false);
  });

  it('ends cleaning well though it cleaned nothing', async () => {
    await images('CD8.tif');
    write(folder, { 'data/DAPI.tif': 'no image' });
    const { output } = await pipex([`preprocessing.py ${data()} -preprocess_markers=DAPI`]);
    expect(output).toContain('>>> Could not read image');
    expect(output).toContain('>>> End time preprocessing');
    expect(filesIn(folder).filter((name) => name.includes('preprocessed'))).toEqual([]);
  });

  it.each([
    ['3 -flatten_spots=yes', 'index 2 is out of bounds'],
    ['3:1:2 -flatten_spots=yes', 'index 2 is out of bounds'],
    ['2:1:1', 'index 1 is out of bounds'],
  ])('cleans no image with the Otsu classes %s', async (classes, words) => {
    await images('CD8.tif');
    const { output } = await pipex([`preprocessing.py ${data()} -preprocess_markers=CD8 -otsu_threshold_levels=${classes}`]);
    expect(output).toContain('>>> Could not read image');
    expect(output).toContain(words);
    expect(output).toContain('>>> End time preprocessing');
    expect(has('data/preprocessed/CD8.tif')).toBe(false);
  });

  it.each(['0 -flatten_spots=yes', '3', '3:1:2', '4:1:2 -flatten_spots=yes'])('cleans with the Otsu classes %s', async (classes) => {
    await images('CD8.tif');
    await pipex([`preprocessing.py ${data()} -preprocess_markers=CD8 -otsu_threshold_levels=${classes}`]);
    expect(has('data/preprocessed/CD8.tif')).toBe(true);
  });

  const segmented = async (...lines: string[]) => {
    await images('DAPI.tif', 'CD8.tif');
    return pipex([`segmentation.py ${data()} -nuclei_marker=DAPI -nuclei_expansion=3 -measure_markers=DAPI,CD8`, ...lines]);
  };

  it('breaks the analysis off with one marker alone, and with one that was not measured', async () => {
    const { output } = await segmented(`analysis.py ${data()} -analysis_markers=CD8`, `analysis.py ${data()} -analysis_markers=CD8,CD4`);
    expect(output).toContain('ValueError: n_components=0');
    expect(output).toMatch(/^>>> ERROR: the following markers were not found as columns in cell_data\.csv: CD4/m);
    expect(output).not.toContain('>>> End time analysis');
  });

  it.each([
    ['ref_id,cell_group,cell_type,cell_subtype,rank_filter,min_confidence,marker1,rule1\n1,T,cytotoxic,,all,50,CD8,high\n', ''],
    ['ref_id,cell_type\n1,T\n', 'cell_types.csv is malformed'],
  ])('names cell types by a table, and goes on without it', async (table, words) => {
    write(folder, { 'data/cell_types.csv': table });
    const { output } = await segmented(`analysis.py ${data()} -analysis_markers=DAPI,CD8 -leiden=yes -refine_clusters=yes`);
    expect(output).toContain('>>> End time analysis');
    expect(output).toContain(words);
    expect(has('data/analysis/downstream/cell_types_result_leiden1.json')).toBe(words === '');
  });

  it('filters nothing without a column, and cuts tiles all the same', async () => {
    const { output } = await segmented(`generate_filtered_masks.py ${data()} -lmd=yes`);
    expect(output).toContain('>>> End time generate_filtered_masks');
    const written = () => filesIn(join(folder, 'data', 'analysis')).filter((name) => /filtered|lmd/.test(name));
    expect(written()).toEqual(['lmd_calibration_points_overlay.png', 'lmd_shapes.xml']);
    await segmented(`generate_filtered_masks.py ${data()} -tile_size=100`);
    expect(written()).toContain('segmentation_filtered_tile_1_0_boundaries.png');
    expect(written()).toContain('segmentation_data_filtered_tile_1_1.npy');
    expect(written()).not.toContain('segmentation_data_filtered.npy');
  });

  const page = 'generate_tissuumaps.py DATA -include_html=yes';
  const exported = (options: string, environment = {}) => {
    const lines = [
      `segmentation.py DATA -nuclei_marker=DAPI -measure_markers=DAPI,CD8`,
      `analysis.py DATA -analysis_markers=DAPI,CD8 -leiden=yes`,
    ];
    return images('DAPI.tif', 'CD8.tif').then(() =>
      pipex(
        [...lines, `${page}${options}`].map((line) => line.replace('DATA', data())),
        environment,
      ),
    );
  };

  it('goes on without regions and images that it does not find', async () => {
    const { output } = await exported(' -include_marker_images=CD8,CD4 -include_geojson=yes');
    expect(output).toContain('>>> Impossible to display geojson without a cell segmentation file');
    expect(output).toContain('>>> Warning: no image found for marker CD4, skipping layer');
    expect(output).toContain('>>> End time exporting tissuumaps');
  });

  it('says that a page was saved which was not', async () => {
    const { output } = await exported('', { STAND_IN_NO_PAGE: '1' });
    expect(output).toContain('>>> HTML static export saved');
    expect(output).toContain('>>> End time exporting tissuumaps');
    expect(filesIn(folder).filter((name) => name.endsWith('index.html'))).toEqual([]);
  });

  it('breaks off behind the page where no plugins can be fetched', async () => {
    const { output } = await exported('', { STAND_IN_OFFLINE: '1' });
    expect(output).toContain('URLError');
    expect(output).not.toContain('>>> End time exporting tissuumaps');
    expect(filesIn(folder).filter((name) => name.endsWith('index.html'))).toHaveLength(1);
  });

  it.each([
    ['-membrane_diameter=25', 'continuing without'],
    ['-custom_segmentation=mask.npy', 'Traceback'],
    ['-expand=yes', 'unrecognized arguments'],
    ['-membrane_keep=true', "invalid choice: 'true'"],
  ])('breaks segmentation off at %s', async (option, words) => {
    await images('DAPI.tif');
    const { output } = await pipex([`segmentation.py ${data()} -nuclei_marker=DAPI -measure_markers=DAPI ${option}`]);
    expect(output).toContain(words);
    expect(output).not.toContain('>>> End time segmentation');
  });

  it('goes on when a step is killed', async () => {
    await images('DAPI.tif');
    const { status, output } = await pipex([`segmentation.py ${data()} -nuclei_marker=DAPI -measure_markers=DAPI`], {
      STAND_IN_KILLS: 'segmentation',
    });
    expect(status).toBe(0);
    expect(output).toContain('>>> Start time segmentation');
    expect(output).not.toContain('>>> End time segmentation');
    expect(output).toContain('>>> End time pipex');
  });
});
