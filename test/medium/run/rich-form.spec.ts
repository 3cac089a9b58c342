import { wordsOf } from '../show/show-stage';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { Project } from '../../../src/common/projects/project.entity';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { placeTissue, PROTEINS } from '../../pipelines/tissue';
import { mainOf, type TestBrowser, type TestWebApp } from '../../web-app';
import { ShowStage } from '../show/show-stage';

const names = (main: string) => [...main.matchAll(/ name="([^"]+)"/g)].map(([, name]) => name);
const valueOf = (main: string, id: string) => new RegExp(`id="${id}"[^>]* value="([^"]*)"`).exec(main)?.[1];

const pairs = (fields: Record<string, string | string[]>) =>
  Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));

describe('a form with lists, names, tables and sections', () => {
  let stage: ShowStage;
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let project: Project;
  let page: string;

  const put = async (path: string) => {
    const directory = web.app.get(ProjectFiles).of(project);
    const names = path.split('/').map((name) => Buffer.from(name));
    await directory.ensureFolder(names.slice(0, -1));
    await (await directory.createFile(names)).close();
  };
  const filled = (over: Record<string, string | string[]> = {}): [string, string][] => pairs({ ...UNTOUCHED, ...over });
  const UNTOUCHED: Record<string, string | string[]> = {
    'p.group': 'true',
    'p.proteins': '',
    'p.nuclei': 'DAPI',
    'p.diameter': '20',
    'p.closeness': '0',
    'p.stains': ['', 'dapi', 'cd3'],
    'p.least': '',
    'p.most': '',
    'p.radii': '1, 5',
    'p.method': 'leiden',
    'p.count': '10',
    'p.earlier': '',
    'p.column': '',
  };
  const row = (number: number, cells: Record<string, string>) =>
    Object.fromEntries(Object.entries(cells).map(([column, cell]) => [`p.samples.${number}.${column}`, cell]));
  const runOf = async (over: Record<string, string | string[]>) => {
    const answer = await browser.postForm(page, filled(over));
    expect([answer.status, mainOf(answer).match(/error-text.*/g)]).toEqual([303, null]);
    const runId = Number(/\/runs\/(\d+)$/.exec(answer.location ?? '')?.[1]);
    return { runId, details: await web.app.get(RunsRepository).details(runId) };
  };

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    placeTissue(pipelines);
    stage = await ShowStage.open({ PIPELINES_DIR: pipelines });
    ({ web, owner: browser, project } = stage);
    page = `/projects/${project.id}/run/tissue`;
    for (const name of ['DAPI.tif', 'CD3.tif', 's1_red.tif', 's1_blue.tif', 's2_red.tif', 's2_blue.tif', 'x/s2_blue.tif']) await put(name);
  });

  afterAll(async () => {
    await stage?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  it('comes filled in from the files of the project, in sections, without what is constant', async () => {
    const main = mainOf(await browser.get(page));
    expect([...main.matchAll(/<h3>([^<]+)<\/h3>/g)].map(([, title]) => title)).toEqual([
      'Find cells',
      'Fields of view',
      'Group cells',
      'Export',
    ]);
    expect(main.match(/<details class="group" open/g)).toHaveLength(3);
    expect(main).toContain('<option value="CD3">CD3</option>');
    expect(names(main)).not.toContain('p.launch');
    const cells = ['red', 'blue', 'prefix'].map((column) => [0, 1, 2].map((index) => valueOf(main, `p-samples-${index}-${column}`)));
    expect(cells).toEqual([
      ['s1_red.tif', 's2_red.tif', ''],
      ['s1_blue.tif', 's2_blue.tif', 'x/s2_blue.tif'],
      ['s1', 's2', 'x_s2'],
    ]);
    expect([...main.matchAll(/data-number>([^<]*)/g)].map(([, number]) => number)).toEqual(['1', '2', '3', '4', '']);
    expect(main).toContain('Fields of view: 3 made from the files of this project.');
    expect(main).toContain('or 0: as the model has it');
    expect(main).toMatch(/For example <code>12<\/code>, <code>20<\/code>/);
    expect(main).toContain('More about “Diameter of nuclei”');
    // A field is marked where it hangs on another of its section, and not where all of the section does.
    expect(main).toMatch(/<div class="field">\s*<label for="p-method">/);
    expect(main).toMatch(/<div class="field depends">\s*<label for="p-count">/);
    // Long lists of names are searched for, not sent along.
    expect(main).toContain('12,809 names to choose from.');
    expect(main).not.toContain('GENE100');
  });

  it('takes lists as typed, names one a line, and rows by the names of their files', async () => {
    const rows = {
      ...row(4, { red: 's1_red.tif', blue: 'x/s2_blue.tif', prefix: 'a', size: '', crop: 'false', line: 'HeLa' }),
      ...row(7, { red: '', prefix: '' }),
    };
    const { runId, details } = await runOf({ 'p.proteins': 'GENE1, GENE2\r\nGENE28,GENE28B', 'p.radii': '3\r\n4', ...rows });
    expect(details?.parameters).toMatchObject({
      proteins: ['GENE1', 'GENE2', 'GENE28,GENE28B'],
      radii: ['3', '4'],
      stains: ['dapi', 'cd3'],
      samples: [{ red: 'project:s1_red.tif', blue: 'project:x/s2_blue.tif', prefix: 'a', size: '512', crop: 'false', line: 'HeLa' }],
      launch: 'no',
    });
    const shown = mainOf(await browser.get(`/runs/${runId}`));
    expect(shown).toMatch(/<th scope="col">Microtubules<\/th>/);
    expect(shown.replaceAll(/ data-label="[^"]*"/g, '')).toMatch(
      /<td>s1_red\.tif<\/td><td><\/td><td>x\/s2_blue\.tif<\/td><td>a<\/td><td>512<\/td><td>no<\/td><td>HeLa<\/td>/,
    );
    const again = mainOf(await browser.get(`${page}?from=${runId}`));
    expect(valueOf(again, 'p-samples-0-blue')).toBe('x/s2_blue.tif');
    expect(again).toMatch(/<textarea[^>]*name="p\.radii"[^>]*>\s*3\n4<\/textarea>/);
  });

  it('names the unknown ones of pasted names, the cells that are wrong, and rules of lists', async () => {
    const rows = {
      ...row(0, { red: 'none.tif', blue: 's1_blue.tif', prefix: 'a b' }),
      ...row(1, { red: 's1_red.tif', blue: 's1_blue.tif', prefix: 'c' }),
    };
    const over = { 'p.proteins': 'GENE1\ngene2\nGENE28,GENE28B', 'p.stains': ['', 'cd45'], ...rows };
    const main = mainOf(await browser.postForm(page, filled(over)));
    expect(main).toContain('This is not among the names: gene2 (did you mean GENE2?)');
    expect(main).toMatch(/id="p-samples-0-red"[^>]* aria-invalid="true"/);
    expect(main).toMatch(/id="p-samples-0-red-error"><span class="error-text"><span>The file none\.tif is not there any more\./);
    expect(main).toContain('Write a prefix without blanks and commas.');
    expect(main).not.toMatch(/id="p-samples-1-red"[^>]* aria-invalid/);
    expect(main).toMatch(/id="p-stains-rule"[^>]*><span class="error-text">.*CD45 is compared with CD3/);
    expect(main).toContain('3 settings to correct:');
  });

  it('gives more rows, and rows of files that are not there yet, at the press of a button', async () => {
    const rows = row(0, { red: 's1_red.tif', blue: 's1_blue.tif', prefix: 's1', size: '64' });
    const more = mainOf(await browser.postForm(`${page}/preview`, [...filled(rows), ['moreRows', 'samples']]));
    expect(names(more)).toContain('p.samples.5.red');
    expect(more).not.toContain('settings to correct');
    const full = mainOf(await browser.postForm(`${page}/preview`, [...filled(rows), ['fillRows', 'samples']]));
    expect([0, 1, 2, 3].map((index) => valueOf(full, `p-samples-${index}-prefix`))).toEqual(['s1', 's2', 'x_s2', '']);
    expect(valueOf(full, 'p-samples-0-size')).toBe('64');
    expect(full).toContain('Fields of view: 2 made from the files of this project.');
    // What is wrong with a row is told at once; empty rows lack nothing.
    expect(wordsOf(full)).toMatch(/Fields of view: 1 of 3 rows cannot be sent as it is: row 3 ?\./);
    const lacking = [
      ...filled({ ...rows, ...row(1, { red: 's2_red.tif', blue: '', prefix: 's2' }) }),
      ['moreRows', 'samples'] as [string, string],
    ];
    const marked = mainOf(await browser.postForm(`${page}/preview`, lacking));
    expect(wordsOf(marked)).toContain('Fields of view: 1 of 2 rows cannot be sent as it is: row 2');
    expect(marked.match(/href="#p-samples-1-blue"/g)).toHaveLength(2);
    // The same is told beside the button.
    expect(wordsOf(marked)).toMatch(/To correct 1 of 2 rows cannot be sent/);
    expect(marked.match(/id="p-samples-\d-\w+"[^>]* aria-invalid/g)).toEqual([expect.stringContaining('p-samples-1-blue')]);
  });

  it('holds most rows of a long table as one text, and takes it back as rows', async () => {
    const many = Array.from({ length: 40 }, (_, index) => row(index, { red: 's1_red.tif', blue: 's1_blue.tif', prefix: `p${index}` }));
    const drawn = mainOf(await browser.postForm(`${page}/preview`, filled(Object.assign({}, ...many) as Record<string, string>)));
    expect(drawn.match(/<tr data-row>/g)).toHaveLength(20 + 1);
    const [, name = '', lines = ''] = /Rows 21 to 40: [^]*?<textarea[^>]* name="([^"]*)"[^>]*>\n([^<]*)</.exec(drawn) ?? [];
    expect([name, lines.split('\n').length]).toEqual(['p.samples.20', 20]);
    const { details } = await runOf({ ...row(0, { red: 's1_red.tif', blue: 's1_blue.tif', prefix: 'first' }), [name]: lines });
    const samples = (details?.parameters['samples'] ?? []) as Record<string, string>[];
    expect(samples.map(({ prefix }) => prefix)).toEqual(['first', ...Array.from({ length: 20 }, (_, index) => `p${index + 20}`)]);
    expect(samples[5]).toEqual(samples[0] && { ...samples[0], prefix: 'p24' });
  });

  it('ignores the rest of a section that does not apply', async () => {
    const { details } = await runOf({ 'p.group': 'false', 'p.radii': 'nonsense' });
    expect(Object.keys(details?.parameters ?? {})).not.toEqual(expect.arrayContaining(['radii']));
    expect(details?.parameters).not.toHaveProperty('method');
  });

  it('finds names among thousands, and says which of a pasted list there are', async () => {
    const ask = async (query: string) =>
      JSON.parse((await browser.get(`${page}/sources/proteins?${query}`)).body) as Record<string, unknown>;
    expect(await ask('q=gene12')).toMatchObject({ count: 920, total: PROTEINS.length, fault: '' });
    expect((await ask('q=gene12'))['names']).toHaveLength(50);
    expect(await ask('q=GENE77')).toMatchObject({ names: expect.arrayContaining(['GENE77', 'GENE7700,GENE7700B']) });
    expect(await ask('q=nothing')).toEqual({ names: [], count: 0, total: PROTEINS.length, fault: '' });
    const sorted = await browser.postForm(`${page}/sources/proteins/known`, { names: 'GENE1, GENE2\nGENE28,GENE28B\nGENX' });
    expect(JSON.parse(sorted.body)).toEqual({
      known: ['GENE1', 'GENE2', 'GENE28,GENE28B'],
      unknown: ['GENX'],
      sentence: expect.stringMatching(/^This is not among the names: GENX/),
    });
    const all = await browser.get(`${page}/sources/proteins/all`);
    expect(all.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(all.body.split('\n')).toHaveLength(PROTEINS.length + 1);
    expect((await browser.get(`${page}/sources/other`)).status).toBe(404);
  });

  it('offers the columns of an earlier run that ended well, and of no other run', async () => {
    const none = mainOf(await browser.get(page));
    expect(none).toContain('Choose “Earlier run” first.');
    const { runId } = await runOf({});
    const waiting = mainOf(await browser.postForm(page, filled({ 'p.earlier': String(runId) })));
    expect(waiting).toContain('This run is not there any more, or has not ended well.');
    const { fence } = await stage.held(runId);
    await stage.store.finish({ runId, fence }, { state: 'succeeded', exitCode: 0, note: null });
    await stage.writeResult(runId, 'cells.csv', 'id,area,"Leiden, 1"\n1,2,3\n');
    const columns = JSON.parse((await browser.get(`${page}/sources/columns?run=${runId}`)).body) as Record<string, unknown>;
    expect(columns).toEqual({ names: ['id', 'area', 'Leiden, 1'], count: 3, total: 3, fault: '' });
    expect((await runOf({ 'p.earlier': String(runId), 'p.column': 'Leiden, 1' })).details?.parameters).toMatchObject({
      earlier: String(runId),
      column: 'Leiden, 1',
    });
    const stranger = web.browser();
    await stranger.signUp();
    expect((await stranger.get(`${page}/sources/columns?run=${runId}`)).status).toBe(404);
  });
});
