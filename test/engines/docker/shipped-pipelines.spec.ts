import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../../src/common/config/app-config';
import { PipelineCatalogue } from '../../../src/common/pipelines/pipeline-catalogue';
import { engineOf } from '../../../src/common/pipelines/runtime';
import { checkPipeline } from '../../../src/pipeline/check/check-pipeline';
import type { Run } from '../../../src/common/queue/run.entity';
import { checked, SHIPPED } from '../../pipelines/shipped';
import { drawCell, drawCells, filesIn, runIn, STAND_INS } from '../../pipelines/stand-in';
import { importProticelli, importStandIns, PROTICELLI_IMAGE, STAND_IN_IMAGE } from '../../pipelines/stand-in-image';
import { RunnerWorld } from '../../runner-world';
import { startDockerd, type Dockerd } from '../../tools/dockerd.mjs';

/** PIPEX as its repository ships it, but for what is in the image: built without a name, its output in a file of the work folder. */
const OWN_COMPOSE = `version: '3.3'
services:
  pipex:
    build: .
    container_name: pipex
    command: bash -c "python -u pipex.py 2>&1 | tee /opt/pipex/work/log.txt"
    working_dir: /opt/pipex
    env_file:
      - ./.env
    volumes:
      - \${PIPEX_WORK}:/opt/pipex/work
`;

/** The shipped pipelines and compose files as they are; only names that they take from the installation lead to a stand-in. */
describe('the shipped pipelines in containers', () => {
  let docker: Dockerd;
  let world: RunnerWorld;
  let stopRunner: () => Promise<void>;
  let own: string;

  beforeAll(async () => {
    docker = await startDockerd();
    await importStandIns(docker);
    await importProticelli(docker);
    own = join(docker.folder, 'own-pipex');
    mkdirSync(own);
    writeFileSync(join(own, 'docker-compose.yml'), OWN_COMPOSE);
    writeFileSync(join(own, '.env'), '#PIPEX_WORK=""\nPIPEX_MAX_RESOLUTION=30000\n');
    world = await RunnerWorld.open({ RUNNER_ENGINES: 'docker', DOCKER_HOST: docker.host, RUNNER_MEMORY: '64 GB' });
    for (const id of ['pipex', 'hpaseg', 'proticelli']) {
      cpSync(join(SHIPPED, id), join(world.environment['PIPELINES_DIR'], id), { recursive: true });
    }
    const project = join(world.database.folder, 'files', world.project.ownerId, world.project.id);
    const channels = ['red', 'yellow', 'blue', 'green'];
    await Promise.all([
      ...['DAPI.tif', 'CD8.tif'].map((name, shift) => drawCells(join(project, name), { shift })),
      drawCell(join(project, 'cell_0.tif')),
      ...channels.map((channel, shift) => drawCells(join(project, 'plate 1, B2', `a_${channel}.png`), { shift })),
    ]);
    stopRunner = await world.startRunner();
  }, 120_000);
  afterAll(async () => {
    await stopRunner?.();
    await world?.close();
    await docker?.remove();
  });

  /** As the web process of an installation with these variables asks for it. */
  async function run(id: string, entered: Record<string, unknown>, variables: Record<string, string>, names: string[] = []): Promise<Run> {
    const found = await new PipelineCatalogue(readConfig({ ...world.environment, ...variables })).find(id);
    const check = await checked(found!.manifest, entered, names);
    if (!check.ok) throw new Error(JSON.stringify(check.errors));
    return world.untilFinal(await world.submit(id, found!.manifest, { engine: 'docker' }, check.values));
  }

  const SEGMENT = { images: ['project:DAPI.tif', 'project:CD8.tif'], nuclei_marker: 'DAPI', measure_markers: ['DAPI', 'CD8'] };
  const PIPEX = { PIPEX_IMAGE: STAND_IN_IMAGE, PIPEX_NETWORK: 'none' };

  it('run PIPEX by the compose file beside it', async () => {
    const entered = { ...SEGMENT, analyse: 'true', analysis_markers: ['DAPI', 'CD8'], leiden: 'true', tissuumaps: 'true' };
    const done = await run('pipex', entered, PIPEX);
    expect([done.note, done.state]).toEqual(['4 of 4 steps succeeded.', 'succeeded']);
    const names = filesIn(world.results(done.id));
    expect(names).toEqual(expect.arrayContaining(['data/analysis/cell_data.csv', 'data/analysis/downstream/anndata_TissUUmaps.h5ad']));
    expect(names.filter((name) => /RUNNING|LAST_RUN_ID|run_id|log\.txt$/.test(name))).toEqual([]);
    expect(readFileSync(world.results(done.id, 'pipex_batch_list.txt'), 'utf8')).toContain(`-data=${world.results(done.id, 'data')} -`);
  });

  it('run PIPEX by its own compose file, whose service names no image', async () => {
    await docker.call('POST', `/images/${STAND_IN_IMAGE}/tag?repo=own-pipex_pipex&tag=latest`);
    await docker.call('POST', `/images/${STAND_IN_IMAGE}/tag?repo=own-pipex-pipex&tag=latest`);
    const done = await run('pipex', SEGMENT, { PIPEX_COMPOSE_FILE: join(own, 'docker-compose.yml') });
    expect([done.note, done.state]).toEqual(['1 of 1 step succeeded.', 'succeeded']);
  });

  it('name the step that failed in a container whose status is 0', async () => {
    const entered = {
      ...SEGMENT,
      measure_markers: ['DAPI'],
      analyse: 'true',
      analysis_markers: ['DAPI'],
      batch_corr: 'none',
    };
    const some = await run('pipex', entered, PIPEX);
    expect(some).toMatchObject({ state: 'partial', exitCode: 0 });
    expect(some.note).toMatch(/Analysis.*KeyError: 'none'/);
  });

  it('say which image is missing, and what makes it', async () => {
    const gone = await run('pipex', SEGMENT, { ...PIPEX, PIPEX_IMAGE: 'lab/pipex:9' });
    expect(gone).toMatchObject({ state: 'failed', starts: 0, note: expect.stringContaining('lab/pipex:9') });
  });

  /** As the README of the pipeline has it, but for the container. */
  const writeNames = async () => {
    const folder = join(world.environment['PIPELINES_DIR'], 'proticelli');
    const words = ['python3', join(folder, 'predict.py'), '--names', folder];
    expect((await runIn(folder, words, { PYTHONPATH: join(STAND_INS, 'proticelli'), PYTHONDONTWRITEBYTECODE: '1' })).status).toBe(0);
  };

  describe('pass their own samples', () => {
    /** What each finds its tool by. */
    const places: Record<string, Record<string, string>> = {
      pipex: PIPEX,
      hpaseg: { HPASEG_IMAGE: STAND_IN_IMAGE },
      proticelli: { PROTICELLI_IMAGE },
    };
    const configWith = (variables: Record<string, string>) =>
      readConfig({ ...world.environment, DATA_DIR: join(docker.folder, 'check'), DOCKER_HOST: docker.host, ...variables });
    const check = async (id: string, variables: Record<string, string>) => {
      const report = await checkPipeline(configWith(variables), id);
      return report.samples.map(({ result, state, faults }) => [result, state, ...faults]);
    };

    it('all that there are', async () => {
      const all = await new PipelineCatalogue(configWith({ PIPELINES_DIR: SHIPPED })).list();
      const contained = all.filter(({ manifest }) => engineOf(manifest.runtime) === 'docker').map(({ manifest }) => manifest.id);
      expect(contained.sort()).toEqual(Object.keys(places).sort());
    });

    it('or say that the image is not here, or the names', async () => {
      const gone = expect.stringContaining('lab/hpaseg:9');
      expect(await check('hpaseg', { HPASEG_IMAGE: 'lab/hpaseg:9' })).toEqual([
        ['away', null, gone],
        ['away', null, gone],
      ]);
      const sentence = expect.stringContaining('README.md of this pipeline');
      expect(await check('proticelli', places['proticelli'])).toEqual([
        ['away', null, sentence, sentence],
        ['away', null, sentence, sentence],
      ]);
    });

    it.each(Object.keys(places))(
      '%s',
      async (id) => {
        if (id === 'proticelli') await writeNames();
        expect(await check(id, places[id])).toEqual([
          ['passed', 'succeeded'],
          ['passed', 'partial'],
        ]);
      },
      90_000,
    );
  });

  it('run ProtiCelli, with names that hold commas', async () => {
    await writeNames();
    const cells = [{ image: 'project:cell_0.tif', line: 'U2OS', name: 'cell_0' }];
    const proteins = ['ACTB', 'HLA-A,HLA-B'];
    const done = await run('proticelli', { cells, proteins, seed: '1' }, { PROTICELLI_IMAGE }, ['U2OS', ...proteins]);
    expect([done.note, done.state]).toEqual(['1 of 1 row succeeded.', 'succeeded']);
    expect(filesIn(world.results(done.id))).toEqual(
      expect.arrayContaining(['predictions/cell_0_1_U2OS_cell_HLA-A,HLA-B.tif', 'ellviewer/cell_0.csv']),
    );
  });

  it('run HPAseg, with pictures of other formats from folders with commas', async () => {
    const channels = ['red', 'yellow', 'blue', 'green'].map((channel) => [channel, `project:plate 1, B2/a_${channel}.png`]);
    const fovs = [{ ...Object.fromEntries(channels), sample: 'a' }];
    const done = await run('hpaseg', { fovs, crop_size: '32' }, { HPASEG_IMAGE: STAND_IN_IMAGE });
    expect([done.note, done.state]).toEqual(['1 of 1 row succeeded.', 'succeeded']);
    const names = filesIn(world.results(done.id));
    expect(names).toEqual(expect.arrayContaining(['masks/a_cellmask.png', 'ellviewer/a.csv', 'crops/a_cell1_crop_red.png']));
    expect(names.filter((name) => name.startsWith('images/') || name.startsWith('models'))).toEqual([]);
  });
});
