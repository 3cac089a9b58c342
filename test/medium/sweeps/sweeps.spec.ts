import { rmSync } from 'node:fs';
import { Test } from '@nestjs/testing';
import { AppConfig } from '../../../src/common/config/app-config';
import type { Project } from '../../../src/common/projects/project.entity';
import { isFinal } from '../../../src/common/queue/run-state';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { SweepsRepository } from '../../../src/common/sweeps/sweeps.repository';
import { RunnerModule } from '../../../src/runner/runner.module';
import { RunnerService } from '../../../src/runner/runner.service';
import { makePipelines } from '../../pipeline-folder';
import { createProject, upload } from '../../project-steps';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const MANIFEST = `
title: Blur
command: [./blur.sh]
parameters:
  - { name: image, type: file, label: Image, accept: [.txt] }
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
  - { name: way, type: choice, label: Way, default: fast, options: [fast, exact] }
arguments: ['{image}', '{sigma}', '{way}']
outputs: [{ glob: cells.csv, kind: table, title: Cells }]
`;
/** As many rows as the smoothing says; nothing for the exact way with 3. */
const SCRIPT = `#!/bin/sh
[ "$2$3" = 3exact ] && { echo 'Error: too smooth' >&2; exit 3; }
echo 'cell,area' > cells.csv
i=0; while [ "$i" -lt "\${2%.*}" ]; do echo "$i,1" >> cells.csv; i=$((i + 1)); done
`;
const MARKERS = `
title: Mark
command: [./blur.sh]
sources: { markers: { files: '(?<marker>[^.]+)\\.tif', group: marker } }
parameters:
  - { name: nuclei, type: pick, from: markers, label: Nuclei }
  - { name: measured, type: pick, from: markers, many: true, label: Measured, required: false }
  - { name: ways, type: choices, label: Ways, options: [fast, exact], required: false }
  - { name: sizes, type: list, items: integer, label: Sizes, required: false }
  - { name: method, type: choice, label: Method, default: plain, options: [plain, model] }
  - { name: steps, type: integer, label: Steps, default: 1, max: 9, when: method == 'model' }
  - { name: weights, type: string, label: Weights, default: none, pattern: '[a-z]+', when: method == 'model' }
  - { name: note, type: text, label: Note, required: false }
arguments: ['{nuclei}', '{sizes}', { value: measured, join: '|' }]
`;

describe('several runs at once', () => {
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let project: Project;
  let page: string;

  beforeAll(async () => {
    pipelines = makePipelines({
      'blur/pipeline.yaml': MANIFEST,
      'blur/blur.sh': SCRIPT,
      'mark/pipeline.yaml': MARKERS,
      'mark/blur.sh': SCRIPT,
    });
    web = await startTestWebApp({
      PIPELINES_DIR: pipelines,
      FREE_SPACE_RESERVE: '1 MB',
      SWEEP_RUNS: '12',
      MAX_WAITING_PER_PERSON: '20',
    });
    browser = web.browser();
    await browser.signUp();
    project = await createProject(web, browser, 'Spleen');
    await upload(browser, project.id, { 'a.txt': 'a', 'b.txt': 'b', 'notes.md': 'c' });
    page = `/projects/${project.id}/run/blur`;
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const sweeps = () => web.app.get(SweepsRepository, { strict: false });
  const runs = () => web.app.get(RunsRepository, { strict: false });
  const axes = (...entries: [string, string][]) =>
    Object.fromEntries(
      entries.flatMap(([parameter, values], index) => [
        [`sweep.${index + 1}.parameter`, parameter],
        [`sweep.${index + 1}.values`, values],
      ]),
    );
  const fields = { 'p.image': 'project:a.txt', 'p.sigma': '1', 'p.way': 'fast' };

  async function runAll(): Promise<void> {
    const module = Test.createTestingModule({ imports: [RunnerModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config);
    const context = await module.setLogger({ log: () => {}, warn: () => {}, error: () => {} }).compile();
    await context.init();
    try {
      await context.get(RunnerService).start();
      await until(async () => (await runs().byProject(project.id, 100)).every(({ state }) => isFinal(state)), 60_000);
    } finally {
      await context.close();
    }
  }

  it('are one for each combination, told before they are asked for, and shown in one table with what came of them', async () => {
    expect(mainOf(await browser.get(page))).toContain('Several runs at once');
    const order = { ...fields, ...axes(['sigma', '1..3'], ['way', '*']), 'sweep.mode': 'all' };
    const preview = wordsOf(mainOf(await browser.postForm(`${page}/preview`, order)));
    expect(preview).toContain('Runs 6 runs');
    expect(preview).toContain('Start 6 runs');
    expect(preview.match(/Several values, see “Several runs at once”\./g)).toHaveLength(2);
    expect(preview).toContain('For example 1, 2, 4 or 0.5..2 step 0.5');
    const { location } = await browser.postForm(page, order);
    expect(location).toMatch(new RegExp(`^/projects/${project.id}/sweeps/[0-9a-f-]{36}$`));
    expect(await runs().byProject(project.id, 100)).toHaveLength(6);
    const words = wordsOf(mainOf(await browser.get(location!)));
    expect(words).toContain('6 runs, with 3 values of Smoothing, 2 values of Way');
    expect(words).toContain('Cancel the rest');
    await runAll();
    const done = wordsOf(mainOf(await browser.get(location!)));
    expect(done).not.toContain('Cancel the rest');
    expect(done).toMatch(/#\d+ succeeded 3 rows 3 fast succeeded .*? 3 1/);
    expect(done).toMatch(/#\d+ failed 3 exact failed [^#]*3/);
    expect(done).toMatch(/#\d+ succeeded 1 row 1 exact succeeded .*? 1 1/);
    expect(wordsOf(mainOf(await browser.get(`/projects/${project.id}`)))).toContain('Blur: 6 runs together');
    const sweepId = location!.split('/').at(-1)!;
    const members = await sweeps().runsOf(sweepId);
    // One line of the queue that unfolds, and one at home, whether they wait or have ended.
    const queue = mainOf(await browser.get('/queue'));
    const line = new RegExp(`<tr class="sweep-group" id="sweep-(?:waiting|finished)-${sweepId}">[^]*?</details>`).exec(queue)?.[0] ?? '';
    expect(wordsOf(line)).toMatch(
      new RegExp(`Blur ${members.length} runs asked for together .*succeeded 5 .*failed 1 .*All ${members.length} runs beside each other`),
    );
    for (const { runId } of members) expect(line).toContain(`id="run-${runId}"`);
    expect(line).toContain(`href="/projects/${project.id}/sweeps/${sweepId}"`);
    const home = mainOf(await browser.get('/'));
    expect(home).toContain(`id="home-sweep-${sweepId}"`);
    for (const { runId } of members) expect(home).not.toContain(`id="home-run-${runId}"`);
    const [one] = members;
    expect(wordsOf(mainOf(await browser.get(`/runs/${one?.runId}`)))).toContain('one of 6 runs');
    const again = wordsOf(mainOf(await browser.get(`${page}?sweep=${location!.split('/').at(-1)}`)));
    expect(again).toContain('6 runs');
  });

  it('take files by name and pattern, and go side by side', async () => {
    const order = { ...fields, 'p.image': '', ...axes(['image', '*.txt'], ['sigma', '2, 2.5']), 'sweep.mode': 'together' };
    const { location } = await browser.postForm(page, order);
    const members = await sweeps().runsOf(location!.split('/').at(-1)!);
    const values = await Promise.all(members.map(async ({ runId }) => (await runs().details(runId))?.parameters));
    expect(values).toEqual([
      { image: 'project:a.txt', sigma: '2', way: 'fast' },
      { image: 'project:b.txt', sigma: '2.5', way: 'fast' },
    ]);
    expect(wordsOf(mainOf(await browser.get(location!)))).toMatch(/#\d+ queued a\.txt 2 /);
  });

  describe('of fields with names, sets and conditions', () => {
    let marks: Project;
    let form: string;
    beforeAll(async () => {
      marks = await createProject(web, browser, 'Markers');
      await upload(browser, marks.id, { 'DAPI.tif': 'a', 'CD3.tif': 'b', 'CD8.tif': 'c', 'Myosin, heavy.tif': 'd' });
      form = `/projects/${marks.id}/run/mark`;
    });
    const valuesOf = async (location: string | undefined) => {
      const members = await sweeps().runsOf(location!.split('/').at(-1)!);
      return Promise.all(members.map(async ({ runId }) => (await runs().details(runId))?.parameters));
    };
    const cancel = (location: string | undefined) => browser.postForm(`${location}/cancel`, {}, { page: form });

    it('pick each of several names, by a pattern too', async () => {
      const page = mainOf(await browser.get(form));
      expect(wordsOf(page)).toContain('Tables, texts of several lines and names of results are the same in all runs.');
      const { location } = await browser.postForm(form, axes(['nuclei', 'CD*, Myosin, heavy']));
      expect(location).toBeUndefined();
      const answer = await browser.postForm(form, axes(['nuclei', 'CD*\nMyosin, heavy']));
      expect(await valuesOf(answer.location)).toEqual(['CD3', 'CD8', 'Myosin, heavy'].map((nuclei) => expect.objectContaining({ nuclei })));
      await cancel(answer.location);
    });

    it('give each run a set of its own, and fill the form with the same sets again', async () => {
      const order = {
        'p.nuclei': 'DAPI',
        ...axes(['measured', 'CD3; Myosin, heavy\nCD8'], ['sizes', '1, 2\n3']),
        'sweep.mode': 'together',
      };
      expect(wordsOf(mainOf(await browser.postForm(`${form}/preview`, order)))).toContain('Runs 2 runs');
      const { location } = await browser.postForm(form, order);
      expect(await valuesOf(location)).toEqual([
        expect.objectContaining({ measured: ['CD3', 'Myosin, heavy'], sizes: ['1', '2'] }),
        expect.objectContaining({ measured: ['CD8'], sizes: ['3'] }),
      ]);
      expect(wordsOf(mainOf(await browser.get(location!)))).toMatch(/CD3; Myosin, heavy 1, 2 queued/);
      const again = mainOf(await browser.get(`${form}?sweep=${location!.split('/').at(-1)}`));
      expect(again).toContain('>CD3; Myosin, heavy\nCD8\n</textarea>');
      const other = mainOf(await browser.get(`${page}?sweep=${location!.split('/').at(-1)}`));
      expect(other).not.toContain('Myosin');
      await cancel(location);
    });

    it('make no two runs that are alike, and say what does not apply', async () => {
      const order = { 'p.nuclei': 'DAPI', ...axes(['method', '*'], ['steps', '1..3']) };
      expect(wordsOf(mainOf(await browser.postForm(`${form}/preview`, order)))).toContain('Runs 4 runs');
      const { location } = await browser.postForm(form, order);
      expect((await valuesOf(location)).map((values) => [values?.['method'], values?.['steps']])).toEqual([
        ['plain', undefined],
        ['model', '1'],
        ['model', '2'],
        ['model', '3'],
      ]);
      const words = wordsOf(mainOf(await browser.get(location!)));
      expect(words).toContain('4 runs, with 2 values of Method, 3 values of Steps');
      expect(words).toMatch(/#\d+ queued plain – queued/);
      expect(words).not.toContain('not in the list');
      await cancel(location);
      const hidden = await browser.postForm(form, { 'p.nuclei': 'DAPI', 'p.method': 'plain', ...axes(['steps', '1..3']) });
      expect([hidden.status, wordsOf(mainOf(hidden)).match(/Steps does not apply/g)]).toEqual([422, ['Steps does not apply']]);
    });

    it('are told which field of which run is wrong, and at its field what is wrong in all', async () => {
      const some = { 'p.nuclei': 'DAPI', 'p.weights': 'NO', ...axes(['method', '*'], ['steps', '1..2']) };
      const answer = wordsOf(mainOf(await browser.postForm(form, some)));
      expect(answer).toContain('Method model, Steps 1, Weights: ');
      const all = wordsOf(mainOf(await browser.postForm(form, { ...axes(['sizes', '1\n2\n3']) })));
      expect(all.match(/Choose one\./g)).toHaveLength(1);
      expect(all).toContain('1 setting to correct: Nuclei');
      expect(all).not.toContain('Sizes 1');
      const value = await browser.postForm(`${form}/preview`, { 'p.nuclei': 'DAPI', ...axes(['sizes', 'x\n2']) });
      expect(wordsOf(mainOf(value))).toMatch(/Runs 2 runs Sizes x: .*whole number/);
      expect(wordsOf(mainOf(value))).not.toContain('setting to correct');
    });
  });

  it('go side by side with values that come back', async () => {
    const order = { ...fields, ...axes(['sigma', '4, 4, 5'], ['way', 'fast, exact, fast']), 'sweep.mode': 'together' };
    const { location } = await browser.postForm(page, order);
    expect((await sweeps().runsOf(location!.split('/').at(-1)!)).length).toBe(3);
    await browser.postForm(`${location}/cancel`, {}, { page });
  });

  it('are asked for once, however often the form is sent', async () => {
    const submission = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
    const order = { ...fields, submission, ...axes(['sigma', '0.1, 0.2']) };
    const before = (await runs().byProject(project.id, 100)).length;
    const [first, second] = [await browser.postForm(page, order), await browser.postForm(page, order)];
    expect(second.location).toBe(first.location);
    expect((await runs().byProject(project.id, 100)).length).toBe(before + 2);
  });

  it.each([
    ['a value that the field refuses', axes(['sigma', '1, 99']), 'Smoothing 99'],
    ['no values', axes(['sigma', '']), 'Smoothing: write the values'],
    ['a file that is not there', axes(['image', '*.png']), '*.png'],
    ['a field twice', axes(['sigma', '1'], ['sigma', '2']), 'chosen twice'],
    ['an unknown field', axes(['constructor', '1']), 'constructor'],
    ['too many', axes(['sigma', '0..5 step 0.1']), 'at most 12'],
    ['different numbers side by side', { ...axes(['sigma', '1, 2'], ['way', 'fast']), 'sweep.mode': 'together' }, 'Side by side'],
  ])('are all refused for %s', async (_what, more, words) => {
    const before = (await runs().byProject(project.id, 100)).length;
    const answer = await browser.postForm(page, { ...fields, ...more });
    expect([answer.status, wordsOf(mainOf(answer))]).toEqual([422, expect.stringContaining(words)]);
    expect((await runs().byProject(project.id, 100)).length).toBe(before);
  });

  it('are asked about in their own place, and the first of them is shown', async () => {
    const { 'p.image': _, ...rest } = fields;
    const words = wordsOf(mainOf(await browser.postForm(page, { ...rest, ...axes(['image', '*.png']) })));
    expect(words).not.toContain('Choose a file.');
    expect(words).not.toMatch(/Runs (Reads|Takes)/);
    const shown = wordsOf(mainOf(await browser.postForm(`${page}/preview`, { ...rest, ...axes(['image', '*.txt']) })));
    expect(shown).toMatch(/The first of 2 runs: blur\.sh a\.txt/);
  });

  it('are not asked for at all when some of them could not wait', async () => {
    const before = await runs().byProject(project.id, 100);
    const order = (from: number) => ({ ...fields, ...axes(['sigma', `${from}..${from + 0.11} step 0.01`]) });
    expect((await browser.postForm(page, order(2))).status).toBe(303);
    const answer = await browser.postForm(page, order(3));
    expect([answer.status, wordsOf(mainOf(answer))]).toEqual([422, expect.stringContaining('wait already')]);
    expect(await runs().byProject(project.id, 100)).toHaveLength(before.length + 12);
  });

  it('are cancelled together, by nobody else, and are found in their project only', async () => {
    const [sweep] = await sweeps().ofProject(project.id, 1);
    const address = `/projects/${project.id}/sweeps/${sweep?.id}`;
    const other = web.browser();
    await other.signUp('otto@example.org');
    expect((await other.get(address)).status).toBe(404);
    const theirs = await createProject(web, other, 'Trial');
    expect((await other.get(`/projects/${theirs.id}/sweeps/${sweep?.id}`)).status).toBe(404);
    expect((await browser.postForm(`${address}/cancel`, {})).status).toBe(303);
    const members = await sweeps().runsOf(sweep?.id ?? '');
    const states = await Promise.all(members.map(async ({ runId }) => (await runs().find(runId))?.state));
    expect(new Set(states)).toEqual(new Set(['cancelled']));
  });
});
