import { around, checked, shipped } from '../../../../test/pipelines/shipped';
import { checkParameters } from '../parameters';

const pipex = shipped('pipex');

const LEAST = { images: ['project:DAPI.tif', 'project:CD8.tif'], nuclei_marker: 'DAPI', measure_markers: ['DAPI', 'CD8'] };
const CLEAN = { images: ['project:DAPI.tif'], preprocess: 'true', preprocess_markers: ['DAPI'], segment: 'false' };
const ANALYSE = { ...LEAST, analyse: 'true', analysis_markers: ['DAPI', 'CD8'] };

const errorsOf = async (entered: Record<string, unknown>) => {
  const check = await checked(pipex, entered);
  return check.ok ? {} : check.errors;
};
const warningsOf = async (entered: Record<string, unknown>) => (await checked(pipex, entered)).broken.warning;

/** What PIPEX 2.0 does with a value was read in its code, where it says nothing of it: each of these it would take, and do something else. */
describe('what PIPEX takes for something else, and says nothing', () => {
  describe('Otsu classes: N of them have N - 1 thresholds, of which the lower class is one', () => {
    it.each(['0', '2', '9', '2:0:1', '3:0:1', '3:1:2', '4:2:3', '9:7:8'])('has %s', async (classes) => {
      expect(await errorsOf({ ...CLEAN, otsu_threshold_levels: classes })).toEqual({});
    });

    it.each(['1', '2:1:1', '2:0:2', '2:1:2', '3:0:5', '3:0:3', '3:2:3', '3:2:1', '4:3:3', '9:8:8', '1:0:1'])(
      'has not %s',
      async (classes) => {
        expect(Object.keys(await errorsOf({ ...CLEAN, otsu_threshold_levels: classes }))).toEqual(['otsu_threshold_levels']);
      },
    );

    it.each(['2', '5', '2:0:1', '3:1:2', '4:2:3', '9:7:8'])(
      'flattens no spots with %s: its upper class has no threshold',
      async (classes) => {
        expect(await errorsOf({ ...CLEAN, flatten_spots: 'true', otsu_threshold_levels: classes })).toEqual({
          otsu_threshold_levels: expect.stringContaining('4:1:2'),
        });
      },
    );

    it.each(['0', '3:0:1', '4:1:2', '9:6:7'])('flattens spots with %s', async (classes) => {
      expect(await errorsOf({ ...CLEAN, flatten_spots: 'true', otsu_threshold_levels: classes })).toEqual({});
    });

    it.each(['flatten_spots', 'balance_tiles'])('are asked for by %s, which is left out without', async (option) => {
      expect(Object.keys(await errorsOf({ ...CLEAN, [option]: 'true' }))).toEqual(['otsu_threshold_levels']);
    });
  });

  it('has no tiles that are smaller than their parts', async () => {
    const tiles = { ...CLEAN, otsu_threshold_levels: '3:1:2', balance_tiles: 'true', light_gradient: '4' };
    expect(Object.keys(await errorsOf({ ...tiles, tile_size: '15' }))).toEqual(['tile_size']);
    expect(await errorsOf({ ...tiles, tile_size: '16' })).toEqual({});
  });

  it('has no two markers of one image, of which it measures the first', async () => {
    const images = ['project:DAPI.tif', 'project:PDL1.tif'];
    const sentence = expect.stringContaining('“L1” and “PDL1” both fit PDL1.tif');
    expect(await errorsOf({ images, nuclei_marker: 'DAPI', measure_markers: ['L1', 'PDL1'] })).toEqual({ measure_markers: sentence });
    expect(await errorsOf({ images, nuclei_marker: 'DAPI', membrane_marker: 'L1', measure_markers: ['PDL1'] })).toEqual({
      membrane_marker: sentence,
      measure_markers: sentence,
    });
    expect(await errorsOf({ images: ['project:DAPI.CD8.tif'], nuclei_marker: 'DAPI', measure_markers: ['CD8'] })).toHaveProperty(
      'measure_markers',
    );
    expect(await errorsOf({ images, nuclei_marker: 'DAPI', measure_markers: ['DAPI', 'PDL1'] })).toEqual({});
  });

  it('has no marker of several images beside a QPTIFF either', async () => {
    const images = ['project:slide.qptiff', 'project:L1.tif', 'project:PDL1.tif'];
    expect(await errorsOf({ images, nuclei_marker: 'DAPI', measure_markers: ['L1'] })).toEqual({
      measure_markers: expect.stringContaining('fits several files'),
    });
    expect(await errorsOf({ images, nuclei_marker: 'DAPI', measure_markers: ['PDL1', 'CD8'] })).toEqual({});
  });

  it.each(['yes', 'no'])('has no marker %s among the images of a page: that would be all of them, or none', async (name) => {
    const entered = {
      ...ANALYSE,
      images: [...LEAST.images, `project:${name}.tif`],
      leiden: 'true',
      tissuumaps: 'true',
      marker_images: 'some',
    };
    expect(Object.keys(await errorsOf({ ...entered, include_marker_images: [name] }))).toEqual(['include_marker_images']);
    expect(await errorsOf({ ...entered, include_marker_images: ['CD8'] })).toEqual({});
  });

  it.each(['cell_id', 'size', 'x', 'y', 'solidity', 'eccentricity', 'memref', 'leiden', 'kmeans'])(
    'measures no marker called %s, whose column it would write over',
    async (name) => {
      const entered = { ...LEAST, images: [...LEAST.images, `project:${name}.tif`] };
      expect(Object.keys(await errorsOf({ ...entered, measure_markers: ['DAPI', name] }))).toEqual(['measure_markers']);
    },
  );

  it('has no images of all markers where scores are analysed, which have none', async () => {
    const entered = { ...ANALYSE, leiden: 'true', tissuumaps: 'true', use_bin: '_otsu3' };
    expect(await errorsOf({ ...entered, marker_images: 'yes' })).toEqual({ marker_images: expect.stringContaining('Some markers') });
    expect(await errorsOf({ ...entered, marker_images: 'some', include_marker_images: ['CD8'] })).toEqual({});
  });

  it.each([
    [{ geojson: 'true', cluster_id: 'kmeans', cluster_color: 'leiden_color' }, 'cluster_color'],
    [{ geojson: 'true', cluster_id: 'leiden', kmeans: 'true' }, 'cluster_id'],
    [{ neigh_cluster_id: 'leiden_ref1' }, 'neigh_cluster_id'],
    [{ neigh_cluster_id: 'kmeans_ref1', kmeans: 'false', leiden: 'true' }, 'neigh_cluster_id'],
  ])('has no column of groups that are not made: %j', async (change, name) => {
    expect(Object.keys(await errorsOf({ ...ANALYSE, kmeans: 'true', ...change }))).toEqual([name]);
  });

  it('has no filter with nothing to do', async () => {
    const entered = { segment: 'false', earlier: '7', filter: 'true', filter_tile_size: '0' };
    expect(Object.keys(await errorsOf(entered))).toEqual(['filter']);
    for (const more of [{ lmd: 'true' }, { filter_tile_size: '2048' }, { field: 'leiden', values: '1' }]) {
      expect(await errorsOf({ ...entered, ...more })).toEqual({});
    }
  });

  it('has no regions of an earlier run that has none', async () => {
    const entered = { segment: 'false', earlier: '7', tissuumaps: 'true', marker_images: 'some', include_marker_images: ['CD8'] };
    const with_ = { ...entered, images: ['project:CD8.tif'], include_geojson: 'true' };
    const lookUp = (reference: string) => Promise.resolve({ name: reference.replace(/^\w+:/, '') });
    const earlier = { ...around(), files: () => Promise.resolve(['data/analysis/downstream/anndata.h5ad']) };
    const check = await checkParameters(pipex, with_, lookUp, earlier);
    expect(check.ok ? {} : check.errors).toEqual({ include_geojson: expect.stringContaining('cell_segmentation_geo.json') });
    expect(await errorsOf(with_)).toEqual({});
  });

  it('warns of one marker alone, which cannot be compared', async () => {
    const warning = { analysis_markers: expect.stringContaining('two') };
    expect(await warningsOf({ ...ANALYSE, analysis_markers: ['CD8'] })).toEqual(warning);
    expect(await warningsOf(ANALYSE)).toEqual({});
    expect(await warningsOf({ ...ANALYSE, analysis_markers: ['CD8'], use_bin: '_otsu3, _local_90' })).toEqual({});
  });

  it('warns of groups that are called otherwise where cells were dropped', async () => {
    const entered = { ...ANALYSE, leiden: 'true', filter: 'true', field: 'leiden', values: '3' };
    expect(await warningsOf({ ...entered, cellsize_max: '1' })).toEqual({ values: expect.stringContaining('3.0') });
    expect(await warningsOf(entered)).toEqual({});
  });
});
