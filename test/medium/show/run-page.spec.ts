import { rm } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { parseEntryPath } from '../../../src/common/files/entry-name';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import { useWords } from '../../../src/common/pipelines/pipeline-words';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { Trash } from '../../../src/common/trash/trash';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { User } from '../../../src/common/users/user.entity';
import { RunResults } from '../../../src/web/show/run-results';
import { tiff } from '../../tiff';
import { until } from '../../until';
import { ShowStage, wordsOf } from './show-stage';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const OUTPUTS = [
  { glob: 'overlay.png', kind: 'image' as const, title: 'Outlines' },
  { glob: 'labels.tif', kind: 'image' as const, title: 'Label mask' },
  { glob: '*.csv', kind: 'table' as const, title: 'Cells' },
  { glob: 'secret.txt', kind: 'download' as const, title: 'Raw numbers' },
];

describe('the page of a run', () => {
  let stage: ShowStage;

  beforeAll(async () => (stage = await ShowStage.open({ PICKUP_HOST: 'guest@lab1', SMTP_URL: 'smtp://127.0.0.1:25' })));
  afterAll(() => stage.close());

  const parameters = { image: 'project:in/DAPI.tif', sigma: 2.5, note: "it's $(id) <b>" };
  const manifest = {
    version: '1.2',
    outputs: OUTPUTS,
    parameters: [
      { name: 'image', label: 'Image', help: '', required: true, advanced: false, type: 'file' as const, accept: [] },
      // prettier-ignore
      { name: 'sigma', label: 'Blur radius', help: '', required: true, advanced: false, type: 'number' as const, default: 1.5, min: 0, max: 10, step: null, unit: 'px' },
    ],
  };

  it('tells a waiting run its position and what it waits for', async () => {
    const id = await stage.queued();
    const page = await stage.page(id);
    expect(page).toMatch(/data-run-state="queued"/);
    expect(wordsOf(page)).toMatch(/No runner is alive, so it waits/);
    expect(page).toContain(`data-live="run:${id} queue runners"`);
    expect(page).toContain(`action="/runs/${id}/cancel"`);
    expect((await stage.owner.postForm(`/runs/${id}/keep`)).status).toBe(409);
    await stage.store.requestCancel(id, 'Cancelled by you');
    const after = wordsOf(await stage.page(id));
    expect(after).toMatch(/cancelled.*It never started.*Cancelled by you.*Command None was written down\./);
  });

  it('shows how far a running one is, the end of its log, and what it has written so far', async () => {
    const { id, fence } = await stage.running({ parameters, manifest });
    await stage.writeControl(id, '1/log', 'one\ntwo\n10%\r50%');
    await stage.writeResult(id, 'overlay.png', PNG);
    await stage.store.reportProgress({ runId: id, fence }, 46, 'tile 3 of 4');
    const page = await stage.page(id);
    expect(page).toMatch(/<progress[^>]*value="46" max="100"/);
    expect(page).toMatch(
      /data-n="1"><\/a>one<\/span><span [^>]*><a [^>]*data-n="2"><\/a>two<\/span><span [^>]*><a [^>]*data-n="3"><\/a>50%<\/span><\/pre>/,
    );
    expect(page).toMatch(/data-keep data-log="\/runs\/\d+\/log" data-from="0" data-resume="8" data-attempt="1"/);
    expect(wordsOf(page)).toMatch(/tile 3 of 4.*a mail comes when it is done.*Cancel run.*Results so far.*1 file/);
    expect(page).not.toContain('Run again');
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
  });

  it('shows results by the rules of the pipeline first, in their order, then the rest by its type', async () => {
    const labels = tiff(
      Uint16Array.from({ length: 64 }, (_, index) => (index < 32 ? 1 : 2)),
      8,
      8,
    );
    const files = {
      'z.png': PNG,
      'overlay.png': PNG,
      'labels.tif': labels,
      'cells.csv': 'label,area\n1,20.5\n2,30\n',
      'secret.txt': 'TOP SECRET NUMBERS',
      'notes/readme.txt': 'plain words',
      'report.html': '<script>alert(1)</script>',
    };
    const id = await stage.ended(files, { log: 'done\n' }, { parameters, manifest });
    await stage.writeControl(id, 'command.json', JSON.stringify({ argv: ['/bin/seg', "it's $(id) <b>", '--sigma=2.5'], cwd: '/tmp/x' }));
    const page = await stage.page(id);
    const sources = [...page.matchAll(/<img src="([^"]+)" alt="([^"]+)"/g)].map(
      ([, source, alt]) => `${alt} ${source?.replace(/v&#x3D;\d+/, 'v')}`,
    );
    expect(sources).toEqual([
      `Outlines /runs/${id}/files/overlay.png?v`,
      `Label mask /runs/${id}/views/labels.tif?v&amp;labels&#x3D;true`,
      `z.png /runs/${id}/files/z.png?v`,
    ]);
    expect(page.indexOf('<img')).toBeGreaterThan(page.indexOf('<main'));
    expect(page).toMatch(/<th scope="col" class="num"><a [^>]*>area<\/a><\/th>/);
    expect(page).toMatch(/<td class="num">20\.5<\/td>/);
    const words = wordsOf(page);
    expect(words).toMatch(/Cells 2 rows/);
    expect(words).toContain('plain words');
    expect(words).not.toContain('TOP SECRET');
    expect(page).not.toContain('<script>alert');
    expect(words).toMatch(/7 files/);
    const zip = /href="(\/runs\/\d+\/zip)"/.exec(page)?.[1] ?? '';
    const download = await stage.owner.send(zip, { method: 'HEAD' });
    expect([download.status, download.headers['content-disposition']]).toEqual([200, `attachment; filename="results of run ${id}.zip"`]);
    expect(words).toMatch(/Image in\/DAPI\.tif/);
    expect(page).toMatch(/<mark>2\.5<\/mark> <span class="unit">px/);
    expect(words).toContain(`/bin/seg 'it'\\''s $(id) <b>' --sigma=2.5`);
    expect(words).toContain(`scp -r guest@lab1:${stage.resultPath(id)} .`);
    expect(words).toMatch(/Exit status 0/);
    expect(words).toMatch(/Runner ws-core-1/);
    expect(page).toContain('Pancreas &lt;b&gt;TMA');
  });

  it('says which limits were in force and what held them', async () => {
    const id = await stage.ended({ 'a.txt': 'x' });
    expect(wordsOf(await stage.page(id))).not.toContain('Limits');
    const inForce = [
      { name: 'memoryBytes', amount: 2e9, by: 'cgroup v2' },
      { name: 'processes', amount: 4096, by: 'cgroup v2' },
      { name: 'openFiles', amount: 1, by: 'rlimit' },
      { name: 'cpuSeconds', amount: 60, by: 'rlimit' },
      { name: 'of a later version', amount: 1, by: 'rlimit' },
    ];
    await stage.writeControl(id, '1/limits.json', JSON.stringify({ inForce, groups: [] }));
    expect(wordsOf(await stage.page(id))).toContain(
      'Limits Memory 2 GB, 4,096 processes (cgroup v2) · 1 open file, 60 seconds of processor time (rlimit)',
    );
    await stage.writeControl(id, '1/limits.json', '{"inForce":');
    expect(wordsOf(await stage.page(id))).not.toContain('Limits');
  });

  it('names the day of deletion, and keeps and lets go', async () => {
    const id = await stage.ended({ 'a.txt': 'x' });
    const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' }).format(Date.now() + 7 * 86_400_000);
    expect(wordsOf(await stage.page(id))).toContain(`The results will be deleted on ${day} . Keep`);
    const kept = await stage.owner.postForm(`/runs/${id}/keep`, { keep: 'yes' });
    expect([kept.status, kept.location]).toEqual([303, `/runs/${id}`]);
    expect(wordsOf(await stage.page(id))).toMatch(/kept until you let them go\. Let go/);
    const people = stage.web.app.get(DataSource).getRepository(User);
    await people.update({ id: stage.project.ownerId }, { kind: 'guest' });
    expect(wordsOf(await stage.page(id))).toContain('kept as long as your guest space, which ends 7 days after your last visit.');
    await people.update({ id: stage.project.ownerId }, { kind: 'account' });
    await stage.owner.postForm(`/runs/${id}/keep`, { keep: 'no' });
    expect(wordsOf(await stage.page(id))).toContain(`deleted on ${day}`);
  });

  it('says why a run failed, with the last words of the program and the end of its log', async () => {
    const log = `${Array.from({ length: 300 }, (_, index) => `line ${index + 1}`).join('\n')}\nERROR : missing image for marker CD45\nbye\n`;
    const id = await stage.ended({}, { state: 'failed', exitCode: 1, note: 'The program ended with exit status 1.', log }, { manifest });
    const page = await stage.page(id);
    expect(wordsOf(page)).toMatch(
      /ERROR : missing image for marker CD45 What happened: .*\(exit status 1\) What to do next Change the values or files/,
    );
    expect(page).toMatch(/<span data-at="\d+" class="err"><a [^>]*data-n="301"><\/a>ERROR : missing image for marker CD45<\/span>/);
    expect(page).not.toContain('line 200<');
    expect(page).not.toContain('data-log=');
    expect(wordsOf(page)).toMatch(/where it ended Open the log/);
    const row = new RegExp(`<tr id="run-${id}">[^]*?</tr>`).exec((await stage.owner.get('/queue')).body)![0];
    expect(row).toContain('<div class="meta two-lines" title="ERROR : missing image for marker CD45">');
  });

  it('warns of what a run that succeeded has to tell', async () => {
    const { id, fence } = await stage.running({ parameters, manifest });
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: 'A part of it was ended.' });
    expect(await stage.page(id)).toMatch(/class="note note-warn" role="status">[^]*?<b>A part of it was ended\.<\/b>/);
  });

  it('tells the limit of a run that was out of time, and what helps', async () => {
    const id = await stage.ended({}, { state: 'timed_out', exitCode: 143, note: 'Out of time.', log: 'tile 1\ntile 2\n' });
    expect(wordsOf(await stage.page(id))).toMatch(/timed out.*Out of time\..*It may take 1 h at most\..*What to do next Give it less/);
    expect(wordsOf(await stage.page(id)).split('tile 2')).toHaveLength(2);
  });

  it('shows the evidence of a doubt and the history of a run', async () => {
    const { id, fence } = await stage.running();
    await stage.store.doubt({ runId: id, fence }, 'Last seen on ws-core-1; the machine does not answer.');
    const words = wordsOf(await stage.page(id));
    expect(words).toMatch(
      /It is not known at the moment.*What to do next Wait a little.*What was seen last Last seen on ws-core-1; the machine does not answer/,
    );
    // Once, folded behind what it means; the history tells it again.
    expect(words.split('History')[0].match(/the machine does not answer/g)).toHaveLength(1);
    expect(words).toContain('Its program may well go on; nothing is started a second time.');
    expect(words).toMatch(/History, 4 entries.*queued.*starting.*running.*unknown/);
    expect(words).not.toContain('Declare it lost');
    await stage.store.finish({ runId: id, fence }, { state: 'lost', exitCode: null, note: 'It is dead.' });
    const lost = wordsOf(await stage.page(id));
    expect(lost).toMatch(/This run is lost.*it left no files\. What to do next Run it again\..*What was seen last It is dead\./);
    expect(lost).not.toContain('results below');
  });

  it('lets an administrator declare an unknown run lost, with the evidence that there was', async () => {
    const { id, fence } = await stage.running();
    const admin = stage.web.browser();
    const { email } = await admin.signUp();
    const users = stage.web.app.get(UsersRepository);
    const person = (await users.findByEmail(email))!;
    await users.setAdmin(person.id, true);
    const post = () => admin.postForm(`/runs/${id}/lost`);
    await post();
    expect(wordsOf(await stage.page(id))).toMatch(/running/);
    await stage.store.doubt({ runId: id, fence }, 'The machine does not answer.');
    const seen = wordsOf((await admin.get(`/runs/${id}`)).body);
    expect(seen).toContain('Declare it lost');
    expect(seen).not.toContain('tell the administrator');
    await admin.postForm(`/runs/${id}/cancel`);
    expect(wordsOf((await admin.get(`/runs/${id}`)).body)).toContain(`Nobody can see the program of run #${id} at the moment`);
    await post();
    const declared = wordsOf(await stage.page(id));
    expect(declared).toContain(`Declared lost by ${person.displayName}, an administrator. Before that: The machine does not answer.`);
    expect(declared).toMatch(
      /Given up .*An administrator declared this run lost\. Its program may still run on .*whether its program has ended/,
    );
    expect(declared).not.toMatch(/its program is gone|took/);
  });

  it('survives parameters and manifests that it does not know', async () => {
    const odd = { nested: { a: [1] }, list: ['x', 'y'], yes: true, nothing: null, __proto__: { polluted: 1 }, constructor: 'c' };
    const id = await stage.ended({}, {}, { parameters: odd, manifest: {} });
    const words = wordsOf(await stage.page(id));
    expect(words).toMatch(/nested \{"a":\[1\]\}/);
    expect(words).toMatch(/constructor c/);
  });

  it('shows the figures that the pipeline declares above all other results', async () => {
    const outputs = [
      { glob: 'overlay.png', kind: 'image' as const, title: 'Outlines' },
      { glob: 'summary.json', kind: 'figures' as const, title: 'In short' },
      { glob: 'broken.json', kind: 'figures' as const, title: 'Broken' },
    ];
    const files = { 'overlay.png': PNG, 'summary.json': '{"Cells": 1412, "Median area (µm²)": 63.5}', 'broken.json': '{"Cells":' };
    const id = await stage.ended(files, {}, { manifest: { outputs } });
    const page = await stage.page(id);
    expect(page).toMatch(/<dt>Cells<\/dt>\s*<dd>1,412<\/dd>[^]*<dt>Median area \(µm²\)<\/dt>\s*<dd>63\.5<\/dd>[^]*<figure/);
    expect(page.match(/class="panel panel-body figures"/g)).toHaveLength(1);
    expect(wordsOf(page)).toContain('broken.json');
    expect(wordsOf(page)).not.toContain('only listed below');
  });

  it('says of results that were deleted that they are gone, also where an old link leads to one', async () => {
    const id = await stage.ended({ 'cells.csv': 'cell,area\n1,2\n', 'a.png': PNG });
    // Written down a moment after the end.
    await until(async () => (await stage.page(id)).includes('id="outputs"'), 15_000);
    await rm(stage.resultPath(id), { recursive: true });
    expect(wordsOf(await stage.page(id))).toContain('The 2 files that this run left are gone: deleted since it ended.');
    for (const way of ['files', 'table']) {
      const { status, body } = await stage.owner.get(`/runs/${id}/${way}/cells.csv`);
      expect([status, wordsOf(body)]).toEqual([
        404,
        expect.stringContaining(`cells.csv is gone: run #${id} left it, and it was deleted since`),
      ]);
    }
    expect(wordsOf((await stage.owner.get(`/runs/${id}/viewer/a.png`)).body)).toContain('a.png is gone');
    const never = await stage.owner.get(`/runs/${id}/files/never.csv`);
    expect([never.status, wordsOf(never.body)]).toEqual([404, expect.not.stringContaining('is gone')]);
    // The end of a run cannot be moved into the past: the day on which its results may go is. It takes the whole run, and did not.
    const day = jest.spyOn(stage.web.app.get(RunResults, { strict: false }), 'deletionMs').mockReturnValue(Date.UTC(2024, 0, 31));
    expect(wordsOf(await stage.page(id))).toContain('gone: deleted since it ended.');
    expect(wordsOf((await stage.owner.get(`/runs/${id}/files/cells.csv`)).body)).toContain('it was deleted since');
    day.mockRestore();
  });

  it('says titles as the pipeline of today translates them, on each page of a run, and others as they were', async () => {
    const words = { Cells: '细胞表', 'Nuclei on {*}': '{*} 上的细胞核', Outlines: '轮廓', Told: '胰腺分割', Depth: '深度' };
    useWords({ manifest: { id: 'told', title: 'Told' } as Manifest, words: new Map([['zh', new Map(Object.entries(words))]]) });
    const views = [
      { title: 'Nuclei on {*}', each: '*.png', kind: 'layers', layers: [{ glob: '{*}.png', as: 'image', opacity: 1, visible: true }] },
    ];
    const told = { id: 'told', title: 'Told', views, parameters: [{ name: 'depth', label: 'Depth', type: 'number' }] };
    const outputs = [
      { glob: 'cells.csv', kind: 'table', title: 'Cells' },
      { glob: 'rest.csv', kind: 'table', title: 'The rest' },
    ];
    const run = { pipelineId: 'told', pipelineTitle: 'Told', parameters: { depth: 3 }, manifest: { ...told, outputs } as never };
    const files = { 'cells.csv': 'cell,area\n1,2\n', 'rest.csv': 'a,b\n1,2\n', 'dapi.png': PNG };
    const ids = [await stage.ended(files, {}, run), await stage.ended(files, {}, run)];
    const inChinese = async (path: string) => wordsOf((await stage.owner.get(path, { 'accept-language': 'zh' })).body);
    const page = await inChinese(`/runs/${ids[0]}`);
    for (const title of ['细胞表', 'dapi 上的细胞核', '胰腺分割', '深度', 'The rest']) expect(page).toContain(title);
    expect(await inChinese(`/runs/${ids[0]}/viewer?view=0&of=dapi`)).toContain('dapi 上的细胞核');
    const compared = await inChinese(`/projects/${stage.project.id}/compare?run=${ids[0]}&run=${ids[1]}`);
    for (const title of ['细胞表', 'dapi 上的细胞核', '胰腺分割']) expect(compared).toContain(title);
    for (const address of ['/queue', `/queue?q=${encodeURIComponent('胰腺')}`])
      expect(await inChinese(address)).toMatch(/胰腺分割.*深度：3/);
    expect(await stage.page(ids[0])).toContain('Nuclei on dapi');
  });

  it('says where results are that somebody has put into the trash', async () => {
    const id = await stage.ended({ 'cells.csv': 'cell,area\n1,2\n', 'masks/a.png': PNG, 'masks/b.png': PNG });
    await until(async () => (await stage.page(id)).includes('id="outputs"'), 15_000);
    const trash = stage.web.app.get(Trash, { strict: false });
    const gone = async (name: string) => wordsOf((await stage.owner.get(`/runs/${id}/files/${name}`)).body);
    const remove = (folder: string, name: string) =>
      trash.delete(stage.project, parseEntryPath(`runs/${id}${folder}`), [Buffer.from(name)], { displayName: 'Mira' });
    await remove('/masks', 'a.png');
    expect(await gone('masks/a.png')).toContain('It lies in the trash of its project and can be brought back');
    await rm(stage.resultPath(id, 'masks/b.png'));
    expect(await gone('masks/b.png')).toMatch(/it was deleted since (?!It lies)/);
    await remove('', 'cells.csv');
    expect(await gone('cells.csv')).toContain('It lies in the trash');
    await rm(stage.resultPath(id, 'masks'), { recursive: true });
    expect(await stage.page(id)).toContain(`<a href="/projects/${stage.project.id}/trash">They lie in the trash of the project.</a>`);
  });

  it('tells which images end early, and which table has a quotation mark that is not closed', async () => {
    const files = { 'a.png': PNG.subarray(0, 50), 'b.png': PNG, 'cells.csv': 'cell,area\n1,2\n2,"never closed\n3,4\n' };
    const id = await stage.ended(files, {}, { manifest: { outputs: [] } });
    const page = await stage.page(id);
    const figures = [...page.matchAll(/<figure[^]*?<\/figure>/g)].map(([figure]) => wordsOf(figure));
    // What is whole has the best place.
    expect(figures).toEqual([expect.not.stringContaining('ends early'), expect.stringContaining('This image ends early')]);
    expect(figures[1]).toContain('a.png');
    expect(wordsOf(page)).toMatch(/3 rows.*In line 3 a quotation mark \("\) begins that is never closed/);
    expect(wordsOf((await stage.owner.get(`/runs/${id}/table/cells.csv`)).body)).toContain('In line 3 a quotation mark');
  });

  it('says so when there are no results, and when the folder has gone', async () => {
    const id = await stage.ended({}, { log: '' });
    expect(wordsOf(await stage.page(id))).toContain('This run left no files.');
    const other = await stage.ended({ 'a.txt': 'x' });
    await rm(stage.resultPath(other), { recursive: true });
    expect(wordsOf(await stage.page(other))).toContain('This run left no files.');
  });

  it('opens to nobody else, by whatever method', async () => {
    const id = await stage.ended({ 'a.txt': 'secret' }, { log: 'secret' });
    const stranger = stage.web.browser();
    const anonymous = stage.web.browser();
    await stranger.signUp();
    for (const path of ['', '/log', '/log/rows', '/log/search?q=s', '/log/file', '/files/a.txt', '/views/a.png']) {
      const foreign = await stranger.get(`/runs/${id}${path}`);
      expect([path, foreign.status]).toEqual([path, 403]);
      expect(foreign.body).not.toContain('secret');
      expect((await anonymous.get(`/runs/${id}${path}`)).location).toMatch(/^\/login/);
    }
    expect((await stranger.postForm(`/runs/${id}/keep`)).status).toBe(403);
    expect((await stage.owner.get('/runs/999999')).status).toBe(404);
    expect((await stage.owner.get('/runs/0x1')).status).toBe(404);
  });

  it('still opens for an administrator when the project is gone', async () => {
    const admin = stage.web.browser();
    const { email } = await admin.signUp();
    const users = stage.web.app.get(UsersRepository);
    await users.setAdmin((await users.findByEmail(email))!.id, true);
    const id = await stage.ended({ 'a.txt': 'x' });
    expect((await admin.get(`/runs/${id}`)).status).toBe(200);
    await stage.web.app.get(ProjectsRepository).delete(stage.project.id);
    const page = await admin.get(`/runs/${id}`);
    expect([page.status, wordsOf(page.body)]).toEqual([200, expect.stringContaining('Deleted project')]);
    expect((await admin.get(`/runs/${id}/files/a.txt`)).status).toBe(404);
    await stage.web.app.get(ProjectsRepository).add(stage.project);
  });
});
