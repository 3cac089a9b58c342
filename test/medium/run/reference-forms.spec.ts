import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { COOKIES } from '../../../src/web/http/cookies';
import { SHIPPED } from '../../pipelines/shipped';
import { PROTEINS } from '../../pipelines/tissue';
import { mainOf } from '../../web-app';
import { ShowStage, wordsOf } from '../show/show-stage';

/** The forms of the three reference pipelines, as people without scripts meet them. */
describe('the forms of the reference pipelines', () => {
  let stage: ShowStage;
  let pipelines: string;
  const page = (id: string) => `/projects/${stage.project.id}/run/${id}`;
  const mainAt = async (id: string) => mainOf(await stage.owner.get(page(id)));

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    cpSync(SHIPPED, pipelines, { recursive: true });
    cpSync(join(SHIPPED, 'proticelli'), join(pipelines, 'ready'), { recursive: true });
    writeFileSync(join(pipelines, 'ready', 'proteins.txt'), `${['HLA-A,HLA-B', ...PROTEINS].join('\n')}\n`);
    writeFileSync(join(pipelines, 'ready', 'cell_lines.txt'), 'U2OS\nBJ [Human fibroblast]\n');
    stage = await ShowStage.open({ PIPELINES_DIR: pipelines, PIPEX_IMAGE: 'lab/pipex:2.0' });
    const directory = stage.web.app.get(ProjectFiles).of(stage.project);
    const names = [
      'reg1_DAPI.tif',
      'L1.tif',
      'PDL1.tif',
      'cell_0.tiff',
      ...['red', 'yellow', 'blue'].map((colour) => `fov1_${colour}.tif`),
    ];
    for (const name of names) await (await directory.createFile([Buffer.from(name)])).close();
  }, 60_000);
  afterAll(async () => {
    await stage?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const post = async (id: string, fields: Record<string, string | string[]>) => {
    const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
    return stage.owner.postForm(page(id), pairs);
  };
  const runOf = async (id: string, fields: Record<string, string | string[]>) => {
    const answer = await post(id, fields);
    expect([answer.status, mainOf(answer).match(/error-text.*/g)]).toEqual([303, null]);
    return (await stage.web.app.get(RunsRepository).details(Number(/\/runs\/(\d+)$/.exec(answer.location ?? '')?.[1])))!;
  };

  it('speak the language of the reader, and keep what is stored as the pipeline has it', async () => {
    stage.owner.cookies.set(COOKIES.language, 'zh');
    try {
      const form = wordsOf(await mainAt('fasta-stats'));
      expect(form).toContain('统计序列数量、长度、N50 和 GC 含量。');
      expect(form).toContain('最短长度');
      for (const path of ['/', `/projects/${stage.project.id}`, `/projects/${stage.project.id}/run`])
        expect([path, wordsOf(mainOf(await stage.owner.get(path))).includes('HPA 细胞分割')]).toEqual([path, true]);
      const file = await stage.web.app
        .get(ProjectFiles)
        .of(stage.project)
        .createFile([Buffer.from('genes.fasta')]);
      await file.writeFile('>a\nACGT\n');
      await file.close();
      const submission = randomUUID();
      const { manifest } = await runOf('fasta-stats', { 'p.input': 'project:genes.fasta', submission });
      expect(JSON.stringify(manifest)).not.toMatch(/[\u4e00-\u9fff]/);
      expect(manifest).toMatchObject({ title: 'FASTA statistics' });
    } finally {
      stage.owner.cookies.delete(COOKIES.language);
      await stage.web.app
        .get(ProjectFiles)
        .of(stage.project)
        .remove([Buffer.from('genes.fasta')]);
    }
  });

  it('say that nobody here starts containers, and keep nothing else from being used', async () => {
    for (const id of ['pipex', 'hpaseg', 'proticelli']) expect(wordsOf(await mainAt(id))).toMatch(/needs Docker, and no runner|no runner/i);
    expect(wordsOf(await mainAt('nuclei'))).not.toContain('Docker');
  });

  it('offer the markers of the project, step by step, and never what must not be offered', async () => {
    const main = await mainAt('pipex');
    const { body } = await stage.owner.get(`${page('pipex')}/sources/markers?q=`);
    for (const marker of ['DAPI', 'L1', 'PDL1']) expect(body).toContain(`"${marker}"`);
    // Nothing is said to be wrong before anybody has entered anything, and nothing is written that was not asked for.
    expect(main).not.toContain(' -membrane_marker&#x3D;');
    for (const title of ['Steps', 'Nuclei', 'Membrane', 'Measurements', 'Groups of cells', 'TissUUmaps'])
      expect(main).toContain(`<h3>${title}</h3>`);
    expect(main).not.toMatch(/name="p\.(?:launch|swap|custom_segmentation\w*)"/);
  });

  it('refuse the marker for which PIPEX would take another image, and start the run with the names of this installation', async () => {
    const fields = { 'p.images': ['project:reg1_DAPI.tif', 'project:L1.tif', 'project:PDL1.tif'], 'p.nuclei_marker': 'DAPI' };
    const refused = await post('pipex', { ...fields, 'p.measure_markers': 'L1' });
    expect(refused.status).toBe(422);
    expect(wordsOf(mainOf(refused))).toContain('“L1” fits several files: L1.tif, PDL1.tif.');
    const { manifest, parameters } = await runOf('pipex', { ...fields, 'p.measure_markers': 'DAPI\r\nPDL1' });
    expect(parameters).toMatchObject({ measure_markers: ['DAPI', 'PDL1'], nuclei_diameter: '20' });
    expect(manifest['runtime']).toMatchObject({ kind: 'compose', variables: { PIPEX_IMAGE: 'lab/pipex:2.0', PIPEX_NETWORK: 'bridge' } });
  });

  it('make rows of the files of each field of view, and miss the channel that crops need', async () => {
    const main = await mainAt('hpaseg');
    expect(main).toMatch(/id="p-fovs-0-red"[^>]* value="fov1_red\.tif"/);
    expect(main).toMatch(/id="p-fovs-0-sample"[^>]* value="fov1"/);
    // The rows are shown as they would be written, though the rule for crops is not met yet.
    expect(main).toContain('images/fov1_red.tif,images/fov1_yellow.tif,images/fov1_blue.tif,,masks,crops,fov1_');
    expect(wordsOf(main)).toContain('Reads 3 files');
    const row = { red: 'fov1_red.tif', yellow: 'fov1_yellow.tif', blue: 'fov1_blue.tif', green: '', sample: 'fov1' };
    const fields = Object.fromEntries(Object.entries(row).map(([column, cell]) => [`p.fovs.0.${column}`, cell]));
    const refused = await post('hpaseg', { ...fields, 'p.crop_cells': 'true' });
    expect(wordsOf(mainOf(refused))).toContain('give the protein channel (green) in every row');
    const { parameters } = await runOf('hpaseg', { ...fields, 'p.crop_cells': 'false' });
    expect(parameters).toMatchObject({ fovs: [{ red: 'project:fov1_red.tif', sample: 'fov1' }] });
  });

  it('say where the names of proteins have to be put, and search among thousands once they are there', async () => {
    expect(wordsOf(await mainAt('proticelli'))).toContain('This server has no list of proteins yet.');
    expect(wordsOf(await mainAt('ready'))).toContain('12,810 names to choose from.');
    const row = { image: 'cell_0.tiff', line: 'U2OS', name: 'cell_0' };
    const fields = Object.fromEntries(Object.entries(row).map(([column, cell]) => [`p.cells.0.${column}`, cell]));
    const unknown = await post('ready', { ...fields, 'p.proteins': 'GENE1\r\nGENX2' });
    expect(unknown.status).toBe(422);
    expect(wordsOf(mainOf(unknown))).toContain('GENX2');
    const { parameters } = await runOf('ready', { ...fields, 'p.proteins': 'GENE1\r\nHLA-A,HLA-B' });
    expect(parameters).toMatchObject({ proteins: ['GENE1', 'HLA-A,HLA-B'], cells: [{ image: 'project:cell_0.tiff', line: 'U2OS' }] });
  });
});
