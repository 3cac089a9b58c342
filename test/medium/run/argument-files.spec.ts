import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { AppConfig } from '../../../src/common/config/app-config';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { Project } from '../../../src/common/projects/project.entity';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { isFinal } from '../../../src/common/queue/run-state';
import { RunnerModule } from '../../../src/runner/runner.module';
import { RunnerService } from '../../../src/runner/runner.service';
import { makePipelines, writePipelines } from '../../pipeline-folder';
import { createProject, upload } from '../../project-steps';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const MANIFEST = `
title: Count
command: [./count.sh]
parameters:
  - { name: images, type: files, accept: [.tif] }
  - { name: marker, type: string, label: Marker }
  - { name: note, type: string, required: false, label: Note }
  - { name: fast, type: boolean, spelling: { true: yes, false: no } }
  - { name: table, type: output, default: cells.csv, extension: csv }
arguments: ['--run={runId}', '{table}']
stage: [{ parameter: images, to: data/ }]
files:
  - path: batch.txt
    format: lines
    quote: single
    lines:
      - words: [count.py, '-data={workFolder}/data', '-marker={marker}', '-note={note}', '-fast={fast}']
      - { when: fast, words: [quick.py] }
  - { path: list.csv, format: rows, keep: true, rows: images, header: none, quote: never, columns: [{ value: '{images}' }, { value: '{marker}' }] }
`;

describe('the files of arguments on the pages', () => {
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let project: Project;
  let page: string;

  beforeAll(async () => {
    pipelines = makePipelines({ 'count/pipeline.yaml': MANIFEST, 'count/count.sh': '#!/bin/sh\ncp batch.txt seen.txt\n' });
    web = await startTestWebApp({ PIPELINES_DIR: pipelines, FREE_SPACE_RESERVE: '1 MB' });
    browser = web.browser();
    await browser.signUp();
    project = await createProject(web, browser, 'Spleen');
    await upload(browser, project.id, { 'a.tif': 'a', 'b, c.tif': 'b' });
    page = `/projects/${project.id}/run/count`;
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const filled = (over: Record<string, string> = {}) => ({
    'p.images': 'project:a.tif',
    'p.marker': 'DAPI',
    'p.note': '',
    'p.fast': 'true',
    'p.table': 'cells.csv',
    ...over,
  });
  const preview = async (over: Record<string, string> = {}) => mainOf(await browser.postForm(`${page}/preview`, filled(over)));
  /** As the page shows them, by path. */
  const filesOn = (main: string, label: string) =>
    Object.fromEntries(
      [...main.matchAll(new RegExp(`<pre class="args"[^>]*aria-label="${label}"[^>]*>\\n([^]*?)</pre>`, 'g'))].map(([, path, content]) => [
        path,
        unescaped(content),
      ]),
    );
  const unescaped = (html: string) =>
    html
      .replaceAll('&#x27;', "'")
      .replaceAll('&#x3D;', '=')
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');

  it('shows each file before the run as it will be written, and after it as it was', async () => {
    const note = '50 % <b> & "x"';
    const shown = filesOn(await preview({ 'p.note': note }), 'What (\\S+) will hold');
    expect(shown).toEqual({
      'batch.txt': `count.py -data=results/data -marker=DAPI -note='${note}' -fast=yes\nquick.py\n`,
      'list.csv': 'a.tif,DAPI\n',
    });
    expect(wordsOf(await preview())).toContain('data/a.tif, from a.tif');
    const answer = await browser.postForm(page, filled({ 'p.note': note }));
    const runId = Number(/\/runs\/(\d+)$/.exec(answer.location ?? '')?.[1]);
    await carryOut(runId);
    const results = web.app.get(ProjectFiles).of(project);
    const folder = await results.pathForProgram(web.app.get(ProjectFiles).resultsPath(runId));
    const places = (content: string) => content.replaceAll(folder, 'results').replaceAll(folder.replace(/runs\/\d+$/, ''), '');
    const written = filesOn(mainOf(await browser.get(`/runs/${runId}`)), 'What was written into (\\S+)');
    expect(Object.fromEntries(Object.entries(written).map(([path, content]) => [path, places(content)]))).toEqual(shown);
    // The one that is kept, and what the program saw of the other.
    expect(readFileSync(join(folder, 'list.csv'), 'utf8')).toBe(written['list.csv']);
    expect(readFileSync(join(folder, 'seen.txt'), 'utf8')).toBe(written['batch.txt']);
  });

  it('says beside the field what a file cannot hold, and shows the rest of it', async () => {
    const over = { 'p.images': 'project:b, c.tif', 'p.marker': "it's", 'p.table': 'list.csv' };
    const answer = await browser.postForm(page, filled(over));
    expect(answer.status).toBe(422);
    const main = mainOf(answer);
    const at = (name: string) => wordsOf(new RegExp(`id="p-${name}-error"[^>]*>[^]*?</p>`).exec(main)?.[0] ?? '');
    expect(at('marker')).toContain("“it's” cannot be written: the file batch.txt of this pipeline takes no “'”. Change or remove that.");
    expect(at('images')).toMatch(
      /Row 1: “.*b, c\.tif” cannot be written: the file list\.csv of this pipeline takes no “,”\. Rename the file or its folder, or choose another\./,
    );
    expect(at('table')).toContain('A file named list.csv is written for the program.');
    expect(main).not.toContain(web.database.folder);
    expect(filesOn(main, 'What (\\S+) will hold')['batch.txt']).toContain(" -marker='?' ");
  });

  it('has nothing of it where a pipeline has no files', async () => {
    expect(await preview()).toContain('Files for the program');
    writePipelines(pipelines, { 'plain/pipeline.yaml': 'command: [./plain.sh]\n', 'plain/plain.sh': '#!/bin/sh\n' });
    await until(async () => (await browser.get(`/projects/${project.id}/run/plain`)).status === 200);
    expect(mainOf(await browser.get(`/projects/${project.id}/run/plain`))).not.toContain('Files for the program');
  });

  /** A runner on the same database until that run is over. */
  async function carryOut(runId: number): Promise<void> {
    const module = Test.createTestingModule({ imports: [RunnerModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config);
    const context = await module.setLogger({ log: () => {}, warn: () => {}, error: () => {} }).compile();
    await context.init();
    try {
      await context.get(RunnerService).start();
      const runs = web.app.get(RunsRepository);
      await until(async () => isFinal((await runs.find(runId))!.state), 20_000);
      expect(await runs.find(runId)).toMatchObject({ state: 'succeeded' });
    } finally {
      await context.close();
    }
  }
});
