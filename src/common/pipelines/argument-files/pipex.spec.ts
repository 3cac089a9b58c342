import { checked, PLACES, shipped, writtenFor } from '../../../../test/pipelines/shipped';
import { filesFor } from './render-files';

const pipex = shipped('pipex');

/** Every step, and a value in every field. Steps that start from this run need nothing of an earlier one. */
const FULL = {
  images: ['project:reg001_DAPI.tif', 'project:reg001_β-catenin.tif', 'project:CD8.tif'],
  preprocess: 'true',
  preprocess_markers: ['DAPI', 'CD8'],
  threshold_min: '1',
  threshold_max: '99.5',
  tophat_radius: '30',
  otsu_threshold_levels: '4:1:2',
  flatten_spots: 'true',
  exposure: '120',
  balance_tiles: 'true',
  segment: 'true',
  nuclei_marker: 'DAPI',
  nuclei_definition: '0.4',
  nuclei_closeness: '0',
  nuclei_area_limit: '3200',
  membrane_marker: 'β-catenin',
  membrane_keep: 'true',
  measure_markers: ['DAPI', 'β-catenin', 'CD8'],
  analyse: 'true',
  analysis_markers: ['β-catenin', 'CD8'],
  cellsize_min: '1',
  cellsize_max: '2.5',
  use_bin: '_otsu3, _gmm_prob',
  batch_corr: 'memref',
  log_norm: 'true',
  leiden: 'true',
  leiden_res: '0.50',
  kmeans: 'true',
  k_estimation: 'true',
  refine_clusters: 'true',
  cell_types: 'project:panel/types.csv',
  neigh_cluster_id: 'leiden',
  geojson: 'true',
  included_markers: ['CD8'],
  cluster_id: 'leiden',
  cluster_color: 'leiden_color',
  filter: 'true',
  field: 'leiden',
  values: '3, 4, 8',
  lmd: 'true',
  path_optimization: 'hilbert',
  tile_overlap: '10',
  tissuumaps: 'true',
  marker_images: 'some',
  include_marker_images: ['DAPI', 'CD8'],
  include_geojson: 'true',
  compress_geojson: 'true',
};

/** The least that can be asked for. */
const LEAST = { images: ['project:DAPI.tif'], nuclei_marker: 'DAPI', measure_markers: ['DAPI'] };

const batchOf = async (entered: Record<string, unknown>) => (await writtenFor(pipex, entered))['pipex_batch_list.txt'];
const errorsOf = async (entered: Record<string, unknown>) => {
  const check = await checked(pipex, entered);
  return check.ok ? {} : check.errors;
};

describe('the batch list of PIPEX', () => {
  it('is exactly this for a full form', async () => {
    const check = await checked(pipex, FULL);
    expect(check.ok ? {} : check.errors).toEqual({});
    const { written, staged } = filesFor(pipex, check.values, PLACES);
    expect(written).toEqual([
      expect.objectContaining({
        path: 'pipex_batch_list.txt',
        keep: true,
        content: [
          'max_res 30000',
          'preprocessing.py -data=/srv/files/runs/12/data -preprocess_markers=DAPI,CD8 -threshold_min=1 -threshold_max=99.5 -tophat_radius=30 -otsu_threshold_levels=4:1:2 -flatten_spots=yes -balance_tiles=yes -tile_size=1844 -light_gradient=3 -stitch_size=40 -exposure=120',
          'segmentation.py -data=/srv/files/runs/12/data -nuclei_marker=DAPI -nuclei_diameter=20 -nuclei_expansion=20 -nuclei_definition=0.4 -nuclei_closeness=0 -nuclei_area_limit=3200 -membrane_marker=β-catenin -membrane_diameter=25 -membrane_compactness=0.9 -membrane_keep=yes -measure_markers=DAPI,β-catenin,CD8 -gmm_min_separation=0.5',
          'analysis.py -data=/srv/files/runs/12/data -analysis_markers=β-catenin,CD8 -image_size=1000 -use_bin=_otsu3,_gmm_prob -cellsize_max=2.5 -cellsize_min=1 -log_norm=yes -z_norm=no -minmax_norm=yes -quantile_norm=no -batch_corr=memref -leiden=yes -leiden_res=0.50 -kmeans=yes -k_clusters=10 -k_estimation=yes -refine_clusters=yes -neigh_cluster_id=leiden -neigh_k_values=1,5,10 -neigh_density_threshold=0.05',
          'generate_geojson.py -data=/srv/files/runs/12/data -cluster_id=leiden -included_markers=CD8 -cluster_color=leiden_color',
          'generate_filtered_masks.py -data=/srv/files/runs/12/data -field=leiden -values=3,4,8 -lmd=yes -shape_dilation=0 -convolution_smoothing=15 -path_optimization=hilbert -distance_heuristic=300 -tile_size=2048 -tile_overlap=10 -tile_percentage_overlap=0 -tile_relabel=no -extend_tile=no',
          'generate_tissuumaps.py -data=/srv/files/runs/12/data -include_marker_images=DAPI,CD8 -include_geojson=yes -compress_geojson=yes -include_html=yes',
          '',
        ].join('\n'),
      }),
      expect.objectContaining({ path: 'run_id.txt', content: '12\n' }),
    ]);
    expect(staged.map(({ path }) => path)).toEqual([
      'data/reg001_DAPI.tif',
      'data/reg001_β-catenin.tif',
      'data/CD8.tif',
      'data/cell_types.csv',
    ]);
  });

  it('leaves out what is empty, and takes the rest from the defaults of PIPEX’s own form', async () => {
    expect(await batchOf(LEAST)).toBe(
      'max_res 30000\nsegmentation.py -data=/srv/files/runs/12/data -nuclei_marker=DAPI -nuclei_diameter=20 -nuclei_expansion=20 -nuclei_definition=0 -nuclei_closeness=0 -nuclei_area_limit=0 -measure_markers=DAPI -gmm_min_separation=0.5\n',
    );
  });

  it('has a blank or a quote behind the data folder on every line, whatever is empty', async () => {
    const steps = { segment: 'false', earlier: '7', geojson: 'true', filter: 'true', tissuumaps: 'true', analyse: 'true' };
    for (const workFolder of ['/srv/files/runs/12', '/srv/my files/12']) {
      const places = { ...PLACES, workFolder, outputFolder: workFolder };
      const entered = { ...steps, analysis_markers: ['CD8'], leiden: 'true' };
      const batch = (await writtenFor(pipex, entered, { places }))['pipex_batch_list.txt'];
      const jobs = batch.trimEnd().split('\n').slice(1);
      expect(jobs).toHaveLength(4);
      for (const job of jobs) expect(job).toMatch(/^\w+\.py -data=(?:\/srv\/files\/runs\/12\/data|'\/srv\/my files\/12\/data') -/);
    }
  });

  it('never holds an option that is empty, but for the one whose default that is', async () => {
    expect((await batchOf(FULL)).replaceAll('-cluster_id=', '')).not.toMatch(/=(?: |$)/m);
    const bare = await batchOf({ ...LEAST, geojson: 'true' });
    expect(bare).toContain('generate_geojson.py -data=/srv/files/runs/12/data -cluster_id=\n');
  });

  it('never starts a server, makes swap space, or takes a ready segmentation', () => {
    const words = JSON.stringify(pipex.files);
    for (const word of ['launch', 'swap', 'custom_segmentation', 'run_id']) expect(words).not.toContain(word);
  });

  it('takes half of what a run may keep of its pipeline', () => {
    expect(JSON.stringify(pipex).length).toBeLessThan(50_000);
  });
});

describe('what PIPEX would misread', () => {
  const MARKERS = [
    'preprocess_markers',
    'nuclei_marker',
    'membrane_marker',
    'measure_markers',
    'include_marker_images',
    'analysis_markers',
  ];
  const SIGNS = [
    'DAPI; echo INJECTED',
    'DAPI\n-launch=yes',
    'DAPI\nswap 8',
    'A,B',
    'a b',
    "D'API",
    'D"API',
    'D[1]',
    'D*',
    'D?',
    '$HOME',
    '`id`',
    'a|b',
    'a\\',
    'a b',
    '~',
    '#',
    '/x',
    'a=b',
  ];

  it.each(MARKERS.flatMap((name) => SIGNS.map((sign) => [name, sign])))('%s is no %j', async (name, sign) => {
    const several = Array.isArray(FULL[name as keyof typeof FULL]);
    const given = name === 'nuclei_marker' || name === 'membrane_marker' || !several ? sign : [sign];
    const check = await checked(pipex, { ...FULL, [name]: given });
    if (check.ok) throw new Error(`it was taken: ${JSON.stringify(check.values[name])}`);
    expect(Object.keys(check.errors)).toContain(name);
  });

  it.each(['batch_corr', 'neigh_cluster_id', 'cluster_id', 'cluster_color', 'field', 'use_bin', 'values', 'otsu_threshold_levels'])(
    '%s holds nothing that a shell reads',
    async (name) => {
      const isList = name === 'use_bin' || name === 'values';
      for (const sign of ['a; b', ...(isList ? [] : ['a\nb']), "a'b", '$(id)', 'a"b', 'a`b`', 'a&b', 'a>b', 'a*', 'a\\b']) {
        expect(Object.keys(await errorsOf({ ...FULL, [name]: sign }))).toContain(name);
      }
    },
  );

  it('a marker whose name ends the name of another image', async () => {
    const images = ['project:DAPI.tif', 'project:L1.tif', 'project:PDL1.tif'];
    const errors = await errorsOf({ ...LEAST, images, measure_markers: ['PDL1', 'L1'] });
    expect(errors).toEqual({ measure_markers: expect.stringMatching(/^“L1” fits several files: L1\.tif, PDL1\.tif\./) });
    // Also where the other image is not measured: it lies there all the same.
    expect(await errorsOf({ ...LEAST, images, nuclei_marker: 'L1' })).toEqual({ nuclei_marker: expect.stringContaining('PDL1.tif') });
    expect(await errorsOf({ ...LEAST, images, measure_markers: ['PDL1', 'DAPI'] })).toEqual({});
  });

  it('a marker without an image, also for its case; but those of a QPTIFF stand inside', async () => {
    expect(await errorsOf({ ...LEAST, measure_markers: ['DAPI', 'CD8'] })).toEqual({
      measure_markers: '“CD8” has no file: none of “Images” is called *CD8.*. Choose one, or leave the name out.',
    });
    expect(Object.keys(await errorsOf({ ...LEAST, nuclei_marker: 'dapi' }))).toEqual(['nuclei_marker']);
    expect(await errorsOf({ images: ['project:slide.qptiff'], nuclei_marker: 'DAPI', measure_markers: ['CD8'] })).toEqual({});
  });

  it('a marker that is analysed and was not measured', async () => {
    const entered = { ...LEAST, analyse: 'true', analysis_markers: ['CD8'] };
    expect(await errorsOf(entered)).toEqual({
      analysis_markers: '“CD8” is not among “Markers to measure”. Add it there, or leave it out here.',
    });
    expect(await errorsOf({ segment: 'false', earlier: '7', analyse: 'true', analysis_markers: ['CD8'] })).toEqual({});
  });

  it('two markers of membranes, nothing to clean, and nothing to analyse', async () => {
    expect(Object.keys(await errorsOf({ ...FULL, membrane_marker: 'CDH1,CD44' }))).toContain('membrane_marker');
    expect(Object.keys(await errorsOf({ ...FULL, preprocess_markers: [] }))).toEqual(['preprocess_markers']);
    expect(Object.keys(await errorsOf({ ...FULL, analysis_markers: [] }))).toEqual(['analysis_markers']);
    expect(Object.keys(await errorsOf({ ...FULL, include_marker_images: [] }))).toEqual(['include_marker_images']);
  });

  it('a diameter of membranes without their marker is not written', async () => {
    expect(await batchOf({ ...LEAST, membrane_diameter: '25', membrane_keep: 'true' })).not.toContain('membrane');
    expect(Object.keys(await errorsOf({ ...FULL, membrane_diameter: '0' }))).toEqual(['membrane_diameter']);
  });

  it.each([
    ['nuclei_definition', '1'],
    ['nuclei_definition', '0.0001'],
    ['nuclei_closeness', '-0.1'],
    ['nuclei_diameter', '0'],
    ['nuclei_diameter', '1.5'],
    ['nuclei_expansion', '-1'],
    ['membrane_compactness', '1'],
    ['membrane_compactness', '0'],
    ['threshold_min', '101'],
    ['exposure', '0'],
    ['light_gradient', '5'],
    ['leiden_res', '0'],
    ['k_clusters', '0'],
    ['neigh_k_values', '1,5,10,20'],
    ['neigh_k_values', '1.5'],
    ['neigh_density_threshold', '1.1'],
    ['gmm_min_separation', '-1'],
    ['path_optimization', 'fast'],
    ['marker_images', ' '],
    ['max_res', 'all'],
  ])('%s is not %s', async (name, value) => {
    expect(Object.keys(await errorsOf({ ...FULL, [name]: value }))).toContain(name);
  });

  it.each([
    [{ otsu_threshold_levels: '3' }, 'otsu_threshold_levels', 'say which classes'],
    [{ otsu_threshold_levels: '3:2:1' }, 'otsu_threshold_levels', 'smaller than the upper'],
    [{ otsu_threshold_levels: '3:1:3' }, 'otsu_threshold_levels', 'number of classes'],
    [{ threshold_max: '1' }, 'threshold_max', 'more than'],
    [{ cellsize_min: '60', cellsize_max: '40' }, 'cellsize_max', 'drop all cells'],
    [{ membrane_marker: 'DAPI' }, 'membrane_marker', 'the same marker'],
    [{ values: '' }, 'values', ''],
    [{ field: '' }, 'field', ''],
    [{ cluster_id: '' }, 'cluster_id', ''],
    [{ cell_types: '' }, 'cell_types', ''],
    [{ tile_percentage_overlap: '5' }, 'tile_percentage_overlap', 'not in both'],
    [{ tile_overlap: '4000' }, 'tile_overlap', 'smaller than the tile'],
    [{ leiden: 'false', kmeans: 'false' }, 'tissuumaps', 'shows groups of cells'],
    [{ leiden: 'false' }, 'neigh_cluster_id', 'comes from Leiden'],
    [{ leiden: 'false' }, 'field', 'comes from Leiden'],
    [{ geojson: 'false' }, 'include_geojson', 'Tick it'],
    [{ analyse: 'false' }, 'tissuumaps', 'cannot run like this'],
  ])('%j: said at %s', async (change, name, words) => {
    expect((await errorsOf({ ...FULL, ...change }))[name]).toContain(words);
  });

  it('a step without what it needs, in this run or in an earlier one', async () => {
    const none = { segment: 'false' };
    expect(await errorsOf(none)).toEqual({ segment: 'Tick at least one step.' });
    for (const step of ['geojson', 'filter', 'tissuumaps']) {
      expect(Object.keys(await errorsOf({ ...none, [step]: 'true' }))).toEqual([step]);
      expect(await errorsOf({ ...none, [step]: 'true', earlier: '7' })).toEqual({});
    }
  });

  it('says of an empty form what is missing, and nothing else', async () => {
    expect(Object.keys(await errorsOf({})).sort()).toEqual(['images', 'measure_markers', 'nuclei_marker']);
  });

  it('results of an earlier run never lie beside a new segmentation', async () => {
    const check = await checked(pipex, { ...LEAST, earlier: '7' });
    expect(check.values).not.toHaveProperty('earlier');
  });

  it('is told of cleaning and segmenting in one run, which reads the images as they are', async () => {
    const { broken } = await checked(pipex, { ...FULL, cellsize_min: '0', cellsize_max: '0' });
    expect(broken.warning).toEqual({ preprocess: expect.stringContaining('Segmentation reads the images as they are') });
  });
});
