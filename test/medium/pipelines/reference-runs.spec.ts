import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import type { Run } from '../../../src/common/queue/run.entity';
import { checked, SHIPPED, shipped } from '../../pipelines/shipped';
import { drawCell, drawCells, filesIn, PYTHON, read, STAND_INS } from '../../pipelines/stand-in';
import { RunnerWorld } from '../../runner-world';

const PIPEX = ['node', join(STAND_INS, 'pipex', 'pipex.mjs')];
const NAMES = ['ACTB', 'HLA-A,HLA-B', 'U2OS'];

/**
 * From the form to the results, with the pipelines as they ship. Only what starts their programs is another: a local process in the place of
 * the service, with the stand-in in the place of the tool. The tests of engines start the same in containers.
 */
describe('runs of the shipped pipelines', () => {
  let world: RunnerWorld;
  let stopRunner: () => Promise<void>;
  let project: string;

  beforeAll(async () => {
    world = await RunnerWorld.open({ RUNNER_SLOTS: '2', RUNNER_MEMORY: '64 GB' });
    for (const id of ['pipex', 'hpaseg', 'proticelli']) symlinkSync(join(SHIPPED, id), join(world.environment['PIPELINES_DIR'], id));
    project = join(world.database.folder, 'files', world.project.ownerId, world.project.id);
    await Promise.all([
      ...['DAPI.tif', 'CD8.tif'].map((name, shift) => drawCells(join(project, name), { shift })),
      ...['a', 'b'].flatMap((sample) =>
        ['red', 'yellow', 'blue', 'green'].map((channel, shift) =>
          drawCells(join(project, 'fields, all', `${sample}_${channel}.tif`), { shift }),
        ),
      ),
      drawCell(join(project, 'cell_0.tif')),
      drawCell(join(project, 'cell_1.tif'), 456),
    ]);
    writeFileSync(join(project, 'BAD.tif'), 'no image');
    writeFileSync(join(project, 'types.csv'), 'ref_id,cell_type\n1,T\n');
    stopRunner = await world.startRunner();
  }, 60_000);
  afterAll(async () => {
    await stopRunner?.();
    await world?.close();
  });

  /** What a form gives becomes a run of a local process. */
  async function run(
    id: string,
    entered: Record<string, unknown>,
    command: string[],
    environment: Record<string, string> = {},
  ): Promise<Run> {
    const manifest = shipped(id);
    const check = await checked(manifest, entered, NAMES);
    if (!check.ok) throw new Error(JSON.stringify(check.errors));
    const env = { STAND_IN_NODE: process.execPath, PYTHONDONTWRITEBYTECODE: '1', ...environment };
    const runtime: Manifest['runtime'] = { kind: 'process', command, env };
    return world.untilFinal(await world.submit(id, { runtime }, {}, check.values));
  }

  const results = (run: Run) => filesIn(world.results(run.id));
  const pipex = (entered: Record<string, unknown>, environment = {}, command = PIPEX) => run('pipex', entered, command, environment);
  const SEGMENT = { images: ['project:DAPI.tif', 'project:CD8.tif'], nuclei_marker: 'DAPI', measure_markers: ['DAPI', 'CD8'] };
  const ALL = {
    ...SEGMENT,
    preprocess: 'true',
    preprocess_markers: ['CD8'],
    analyse: 'true',
    analysis_markers: ['DAPI', 'CD8'],
    kmeans: 'true',
    k_clusters: '2',
    geojson: 'true',
    cluster_id: 'kmeans',
    filter: 'true',
    field: 'kmeans',
    values: '1',
    tissuumaps: 'true',
  };

  describe('of PIPEX', () => {
    it('do all steps, and leave the results and nothing else', async () => {
      const done = await pipex(ALL);
      expect(done).toMatchObject({ state: 'succeeded', note: '7 of 7 steps succeeded.' });
      const names = results(done);
      expect(names).toEqual(
        expect.arrayContaining([
          'pipex_batch_list.txt',
          'data/preprocessed/CD8.tif',
          'data/analysis/cell_data.csv',
          'data/analysis/cell_segmentation_geo.json',
          'data/analysis/segmentation_data_filtered.npy',
          'data/analysis/downstream/TissUUmaps_webexport/index.html',
        ]),
      );
      for (const name of ['RUNNING', 'run_id.txt', 'LAST_RUN_ID', 'log.txt', 'data/DAPI.tif', 'data/log.txt']) {
        expect(names).not.toContain(name);
      }
      expect(read(world.results(done.id), 'pipex_batch_list.txt').split('\n')).toHaveLength(8);
    });

    it('name the step that failed, though the program says 0 and writes its last id', async () => {
      const killed = await pipex(ALL, { STAND_IN_KILLS: 'analysis' });
      expect(killed).toMatchObject({ state: 'partial', exitCode: 0 });
      expect(killed.note).toContain('Analysis');
      expect(killed.note).toMatch(/3 of 7|2 of 7/);
      expect(results(killed)).toContain('data/analysis/cell_data.csv');
    });

    it('have failed where no step succeeded, with the reason', async () => {
      const bad = await pipex({ images: ['project:BAD.tif'], nuclei_marker: 'BAD', measure_markers: ['BAD'] });
      expect(bad).toMatchObject({ state: 'failed', exitCode: 0 });
      expect(bad.note).toMatch(/markers were not found as image files.*BAD|Could not read image/);
    });

    it('have failed where cleaning wrote nothing, though it says that it ended', async () => {
      const images = ['project:BAD.tif'];
      const bad = await pipex({ images, preprocess: 'true', preprocess_markers: ['BAD'], segment: 'false' });
      expect(world.log(bad)).toContain('>>> End time preprocessing');
      expect(bad.state).toBe('failed');
      expect(bad.note).toContain('Could not read image');
    });

    it('miss the page that PIPEX says it saved', async () => {
      const offline = await pipex(ALL, { STAND_IN_NO_PAGE: '1' });
      expect(world.log(offline)).toContain('HTML static export saved');
      expect(offline.state).toBe('partial');
      expect(offline.note).toContain('Page of TissUUmaps');
    });

    it('name what PIPEX leaves out, and tells in its log alone', async () => {
      const entered = { ...SEGMENT, analyse: 'true', analysis_markers: ['DAPI', 'CD8'], leiden: 'true', refine_clusters: 'true' };
      const refined = await pipex({ ...entered, cell_types: 'project:types.csv' });
      expect(refined).toMatchObject({ state: 'partial', exitCode: 0 });
      expect(refined.note).toMatch(/^2 of 3 steps succeeded\. Failed: Names of cell types \(it wrote no new .*cell_types_result_/);
    });

    it('write shapes for microdissection without any masks', async () => {
      const shapes = await pipex({ ...SEGMENT, filter: 'true', lmd: 'true', filter_tile_size: '0' });
      expect(shapes).toMatchObject({ state: 'succeeded', note: '2 of 2 steps succeeded.' });
      expect(results(shapes)).toContain('data/analysis/lmd_shapes.xml');
    });

    it('have failed where another PIPEX was at work in the folder', async () => {
      const command = ['/bin/sh', '-c', `echo $$ > RUNNING; '${process.execPath}' '${PIPEX[1]}'`];
      const busy = await pipex(SEGMENT, {}, command);
      expect(busy).toMatchObject({ state: 'failed', exitCode: 0 });
      expect(busy.note).toContain('Segmentation');
    });

    it('that PIPEX does not come to the end of have failed', async () => {
      const command = ['/bin/sh', '-c', `rm pipex_batch_list.txt; exec '${process.execPath}' '${PIPEX[1]}'`];
      expect(await pipex(SEGMENT, {}, command)).toMatchObject({ state: 'failed', exitCode: 1 });
    });

    it('go on from the cells of an earlier one, without touching it', async () => {
      const first = await pipex(SEGMENT);
      const before = read(world.results(first.id), 'data/analysis/cell_data.csv');
      const entered = { segment: 'false', earlier: String(first.id), analyse: 'true', analysis_markers: ['DAPI', 'CD8'], leiden: 'true' };
      const second = await pipex(entered);
      expect(second).toMatchObject({ state: 'succeeded', note: '1 of 1 step succeeded.' });
      expect(read(world.results(second.id), 'data/analysis/cell_data.csv')).toContain('leiden_color');
      expect(read(world.results(first.id), 'data/analysis/cell_data.csv')).toBe(before);
    });
  });

  const hpaseg = (entered: Record<string, unknown>, environment = {}) =>
    run('hpaseg', entered, ['node', './segment.mjs'], { HPASEG_HOME: join(STAND_INS, 'hpaseg'), HPASEG_PYTHON: PYTHON, ...environment });
  const fov = (sample: string, folder = 'fields, all/') =>
    Object.fromEntries([
      ...['red', 'yellow', 'blue', 'green'].map((channel) => [channel, `project:${folder}${sample}_${channel}.tif`]),
      ['sample', sample],
    ]) as Record<string, string>;
  const bad = { ...fov('a'), blue: 'project:BAD.tif', sample: 'bad' };

  describe('of HPAseg', () => {
    it('segment each field, and cut out its cells', async () => {
      const done = await hpaseg({ fovs: [fov('a'), fov('b')], crop_size: '32', mask_cell: 'false' });
      expect(done).toMatchObject({ state: 'succeeded', note: '2 of 2 rows succeeded.' });
      const names = results(done);
      expect(names).toEqual(
        expect.arrayContaining([
          'masks/a_cellmask.png',
          'masks/b_nucleimask.png',
          'crop_info.csv',
          'ellviewer/b.csv',
          'crops/a_cell1_crop_green.png',
        ]),
      );
      expect(names.filter((name) => name.startsWith('images/') || name.startsWith('models') || name === 'log.txt')).toEqual([]);
    });

    it('name the field that failed, with the reason', async () => {
      const some = await hpaseg({ fovs: [fov('a'), bad], crop_cells: 'false' });
      expect(some).toMatchObject({ state: 'partial', exitCode: 3 });
      expect(some.note).toMatch(/bad.*not a TIFF file/);
    });

    it('have failed where all fields did, though the program itself says 0', async () => {
      const none = await hpaseg({ fovs: [bad], crop_cells: 'false' });
      expect(none.state).toBe('failed');
      expect(none.note).toMatch(/bad.*not a TIFF file/);
    });

    it('tell that the tool is not there', async () => {
      const gone = await hpaseg({ fovs: [fov('a')], crop_cells: 'false' }, { HPASEG_PYTHON: '/nowhere/python3' });
      expect(gone).toMatchObject({ state: 'failed', exitCode: 1 });
      expect(world.log(gone)).toContain('/nowhere/python3 is not there.');
    });
  });

  const proticelli = (cells: Record<string, string>[], environment = {}) =>
    run('proticelli', { cells, proteins: ['ACTB', 'HLA-A,HLA-B'], seed: '1' }, ['python3', '-u', './predict.py'], {
      PYTHONPATH: join(STAND_INS, 'proticelli'),
      ...environment,
    });
  const cell = (name: string) => ({ image: `project:${name}.tif`, name, line: 'U2OS' });

  describe('of ProtiCelli', () => {
    it('predict each protein of each cell', async () => {
      const done = await proticelli([cell('cell_0')]);
      expect(done).toMatchObject({ state: 'succeeded', note: '1 of 1 row succeeded.' });
      expect(results(done)).toEqual(
        expect.arrayContaining([
          'predictions.csv',
          'predictions/cell_0_1_U2OS_cell_HLA-A,HLA-B.tif',
          'ellviewer/cell_0.csv',
          'requests.csv',
        ]),
      );
    });

    it('name the cell that failed, with the reason', async () => {
      const some = await proticelli([cell('cell_0'), cell('cell_1')]);
      expect(some).toMatchObject({ state: 'partial', exitCode: 3 });
      expect(some.note).toMatch(/cell_1.*512 × 512/);
    });

    it('tell that the library is not there', async () => {
      const gone = await proticelli([cell('cell_0')], { PYTHONPATH: project });
      expect(gone).toMatchObject({ state: 'failed', exitCode: 1 });
      expect(world.log(gone)).toContain('Install ProtiCelli');
    });
  });
});
