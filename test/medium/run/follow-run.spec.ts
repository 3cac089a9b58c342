import { rmSync } from 'node:fs';
import { RunLinksRepository } from '../../../src/common/chains/run-links.repository';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { ApiClient, programOf } from '../../api-client';
import { makePipelines } from '../../pipeline-folder';
import { createProject } from '../../project-steps';
import { mainOf, type TestAnswer } from '../../web-app';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { ShowStage, wordsOf } from '../show/show-stage';

const SEGMENT = `
title: Segment
command: [./segment.sh]
parameters: [{ name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }]
outputs: [{ glob: '*.csv', kind: table, title: Cells }]
`;
const COUNT = `
title: Count
command: [./count.sh]
parameters:
  - { name: cells, type: file, label: Cells, accept: [.csv] }
  - { name: other, type: files, label: Others, accept: [.txt], required: false }
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
`;
const SECRET = '\ntitle: Secret\ncommand: [./s.sh]\naccess: administrators\n';

describe('a run that follows another one', () => {
  let stage: ShowStage;
  let pipelines: string;
  let program: ApiClient;

  beforeAll(async () => {
    pipelines = makePipelines({
      'segment/pipeline.yaml': SEGMENT,
      'segment/segment.sh': '#!/bin/sh\n',
      'count/pipeline.yaml': COUNT,
      'count/count.sh': '#!/bin/sh\n',
      'secret/pipeline.yaml': SECRET,
      'secret/s.sh': '#!/bin/sh\n',
    });
    stage = await ShowStage.open({ PIPELINES_DIR: pipelines });
    const owner = await stage.web.app.get(UsersRepository).findById(stage.project.ownerId);
    program = await programOf(stage.web, owner!.email!);
  });
  afterAll(async () => {
    await stage?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const MANIFEST = { id: 'segment', title: 'Segment', outputs: [{ glob: '*.csv', kind: 'table', title: 'Cells' }] } as const;
  const manifest = { ...MANIFEST, outputs: [...MANIFEST.outputs] };
  const form = () => `/projects/${stage.project.id}/run/count`;
  const send = (after: number | string, fields: Record<string, string> = {}) =>
    stage.owner.postForm(form(), { after: String(after), 'p.cells': 'after:*.csv', 'p.sigma': '2', ...fields });
  const numberIn = ({ location }: TestAnswer) => Number(location?.split('/').at(-1));
  const words = async (path: string) => wordsOf(mainOf(await stage.owner.get(path)));
  const plain = (html: string) => html.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
  const segmented = () => stage.queued({ pipelineId: 'segment', pipelineTitle: 'Segment', manifest });

  it('is asked for from the page of that run, with the results that it will give, and says everywhere what it waits for', async () => {
    const first = await segmented();
    expect(plain(await stage.page(first))).toContain(`/projects/${stage.project.id}/run?after=${first}"`);
    const choose = mainOf(await stage.owner.get(`/projects/${stage.project.id}/run?after=${first}`));
    expect(plain(choose)).toContain(`${form()}?after=${first}"`);
    expect(choose).not.toContain('Secret');
    const empty = mainOf(await stage.owner.get(`${form()}?after=${first}`));
    expect(empty).toMatch(/<option value="after:\*\.csv" selected>Cells \(\*\.csv\)/);
    expect(empty).toContain('value="after:**/*.txt"');
    expect(wordsOf(empty)).toContain(`It starts when this run has succeeded: Segment #${first}.`);
    expect(empty).not.toContain('sweep.1.parameter');

    const wrong = await send(first, { 'p.sigma': '9' });
    expect(wrong.status).toBe(422);
    expect(mainOf(wrong)).toContain(`name="after" value="${first}"`);
    expect(mainOf(wrong)).toMatch(/<option value="after:\*\.csv" selected>/);
    expect(plain(mainOf(wrong))).toMatch(new RegExp(`id="run-link" href="[^"]*[?&]after=${first}`));

    const second = numberIn(await send(first));
    const third = numberIn(await send(second, { 'p.cells': 'after:**/*.csv' }));
    expect(await stage.web.app.get(RunsRepository).find(second)).toMatchObject({ state: 'scheduled' });
    const page = await words(`/runs/${second}`);
    expect(page).toContain(`Waits for run #${first}.`);
    expect(page).toContain('results that fit *.csv');
    const line = new RegExp(`#${first} Segment .*#${second} Count .*#${third} Count`);
    for (const path of [`/runs/${first}`, `/runs/${second}`, `/projects/${stage.project.id}`]) expect(await words(path)).toMatch(line);
    const queue = await words('/queue');
    expect(queue).toContain(`Waits for run #${second}.`);
    for (const path of ['/queue', `/runs/${third}`, '/', `/projects/${stage.project.id}`]) {
      expect((await stage.owner.get(path)).body).not.toContain('9999');
    }
    const { json } = await program.ask('GET', `/runs/${second}`);
    expect(json).toMatchObject({ state: 'scheduled', afterRun: first, availableAt: null, parameters: { cells: 'after:*.csv' } });
  });

  it('takes the results of a run that has succeeded, where there are such', async () => {
    const first = await stage.ended({ 'cells.csv': 'a' }, {}, { pipelineId: 'segment', pipelineTitle: 'Segment', manifest });
    expect((await send(first)).status).toBe(303);
    const none = await send(first, { 'p.cells': 'after:deep/*.csv' });
    expect([none.status, wordsOf(mainOf(none))]).toEqual([
      422,
      expect.stringContaining(`Run ${first} gave no result that fits deep/*.csv.`),
    ]);
  });

  it('is refused after runs of other projects, runs that ended otherwise and no runs at all, and loses nothing typed', async () => {
    const failed = await stage.ended({}, { state: 'failed', exitCode: 1 });
    const project = await createProject(stage.web, stage.owner, 'Liver');
    const elsewhere = await stage.queued({ projectId: project.id });
    for (const [after, sentence] of [
      [failed, `Run ${failed} has not succeeded`],
      [elsewhere, `There is no run ${elsewhere} in this project`],
      ['4000000', 'There is no run 4000000 in this project'],
      ['x', 'There is no run x in this project'],
    ] as const) {
      const answer = await send(after, { 'p.sigma': '3.25' });
      expect([answer.status, wordsOf(mainOf(answer))]).toEqual([422, expect.stringContaining(sentence)]);
      expect(mainOf(answer)).toContain('value="3.25"');
      const order = { pipeline: 'count', parameters: { cells: 'after:*.csv' }, afterRun: Number(after) || 5_000_000 };
      const problem = await program.ask('POST', `/projects/${stage.project.id}/runs`, { body: order });
      expect(problem).toMatchObject({ status: 422, json: { errors: [{ field: 'afterRun' }] } });
    }
    const back = await stage.owner.get(`${form()}?after=${failed}&p.sigma=3.25`);
    expect([back.status, wordsOf(mainOf(back))]).toEqual([200, expect.stringContaining(`Run ${failed} has not succeeded`)]);
    expect(mainOf(back)).toContain('value="3.25"');
    const before = await segmented();
    const several = await send(before, { 'sweep.1.parameter': 'sigma', 'sweep.1.values': '1, 2' });
    expect([several.status, wordsOf(mainOf(several))]).toEqual([422, expect.stringContaining('Several runs at once cannot follow')]);
    const alone = await stage.owner.postForm(form(), { 'p.cells': 'after:*.csv', 'p.sigma': '2' });
    expect([alone.status, wordsOf(mainOf(alone))]).toEqual([422, expect.stringContaining('this run follows none')]);
    const secret = await stage.owner.postForm(`/projects/${stage.project.id}/run/secret`, { after: String(before) });
    expect(secret.status).toBe(404);
    const stranger = stage.web.browser();
    await stranger.signUp();
    expect((await stranger.postForm(form(), { after: String(before) })).status).toBe(404);
    expect(mainOf(await stranger.get('/queue'))).not.toContain('#project-chains');
  });

  it('is asked for by programs, and comes back after a cancelling with what it waits for', async () => {
    const first = await segmented();
    const order = { pipeline: 'count', parameters: { cells: 'after:*.csv' }, afterRun: first };
    const plan = await program.ask('POST', `/projects/${stage.project.id}/runs?dryRun=true`, { body: order });
    expect(plan).toMatchObject({ status: 200, json: { runCount: 1 } });
    const { json } = await program.ask('POST', `/projects/${stage.project.id}/runs`, { body: order });
    const { id } = (json as { run: { id: number; afterRun: number } }).run;
    expect(json).toMatchObject({ run: { afterRun: first, state: 'scheduled' } });
    const sweep = { mode: 'all', axes: [{ parameter: 'sigma', values: [1, 2] }] };
    const refused = await program.ask('POST', `/projects/${stage.project.id}/runs`, { body: { ...order, sweep } });
    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'afterRun' }] } });

    expect((await stage.owner.postForm(`/runs/${id}/cancel`, {})).status).toBe(303);
    const filled = mainOf(await stage.owner.get(`${form()}?from=${id}`));
    expect(filled).toContain(`name="after" value="${first}"`);
    const again = await program.ask('POST', `/runs/${id}/again`);
    expect(again).toMatchObject({ status: 201, json: { state: 'scheduled', afterRun: first, parameters: { cells: 'after:*.csv' } } });
    expect((await stage.owner.postForm(`/runs/${id}/requeue`, {})).status).toBe(303);
    const [latest] = await stage.web.app.get(RunsRepository).byProject(stage.project.id, 1);
    expect(latest).toMatchObject({ state: 'scheduled', pipelineId: 'count' });
    expect(await stage.web.app.get(RunLinksRepository).ofRuns([latest.id])).toMatchObject([{ afterRun: first, isOpen: true }]);

    for (const runId of [latest.id, first]) await stage.owner.postForm(`/runs/${runId}/cancel`, {});
    const late = await stage.owner.postForm(`/runs/${latest.id}/requeue`, {});
    expect([late.status, wordsOf(late.body)]).toEqual([409, expect.stringContaining(`Run ${first} has not succeeded`)]);
  });
});
