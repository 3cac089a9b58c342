import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { makePipelines } from '../../pipeline-folder';
import { createProject, upload } from '../../project-steps';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const MANIFEST = `
title: Blur
command: [./blur.sh]
parameters:
  - { name: image, type: file, label: Image, accept: [.txt] }
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
  - { name: markers, type: list, label: Markers, required: false }
`;

describe('running again exactly', () => {
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let project: Project;
  let form: string;
  let run: number;
  let file: string;

  beforeAll(async () => {
    pipelines = makePipelines({ 'blur/pipeline.yaml': MANIFEST, 'blur/blur.sh': '#!/bin/sh\n' });
    web = await startTestWebApp({ PIPELINES_DIR: pipelines });
    browser = web.browser();
    await browser.signUp();
    project = await createProject(web, browser, 'Spleen');
    form = `/projects/${project.id}/run/blur`;
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });
  beforeEach(async () => {
    file = `${randomUUID()}.txt`;
    await upload(browser, project.id, { [file]: 'a' });
    const fields = { submission: randomUUID(), 'p.image': `project:${file}`, 'p.sigma': '2.50', 'p.markers': 'DAPI\nCD3' };
    run = numberIn(await browser.postForm(form, fields, { page: form }));
    await web.app.get(QueueStore).requestCancel(run, 'enough');
  });

  const numberIn = ({ location }: TestAnswer) => Number(/\/runs\/(\d+)$/.exec(location ?? '')?.[1]);
  const again = (submission: string = randomUUID()) => browser.postForm(`/runs/${run}/again`, { submission }, { page: `/runs/${run}` });

  it('asks for the same once more, and a double click for no second one', async () => {
    const page = mainOf(await browser.get(`/runs/${run}`));
    const submission = /name="submission" value="([0-9a-f-]{36})"/.exec(page)?.[1];
    const next = numberIn(await again(submission));
    expect(next).toBeGreaterThan(run);
    expect(numberIn(await again(submission))).toBe(next);
    const [first, second] = await Promise.all([run, next].map((id) => web.app.get(RunsRepository).details(id)));
    expect(second?.parameters).toEqual(first?.parameters);
    expect(second?.manifest).toEqual(first?.manifest);
    expect(numberIn(await again())).toBeGreaterThan(next);
  });

  it('opens the form instead when the pipeline has changed, and says so', async () => {
    writeFileSync(join(pipelines, 'blur', 'blur.sh'), '#!/bin/sh\n# better\n');
    const answer = await again();
    expect(answer.location).toBe(`${form}?from=${run}`);
    const page = wordsOf(mainOf(await browser.get(answer.location ?? '')));
    expect(page).toContain(`The pipeline has changed since run #${run}, so it was not started.`);
  });

  it('opens the form instead when a file is gone, and says so', async () => {
    await browser.postForm(`/projects/${project.id}/files/delete`, { name: file }, { page: `/projects/${project.id}` });
    const answer = await again();
    expect(answer.location).toBe(`${form}?from=${run}`);
    const page = wordsOf(mainOf(await browser.get(answer.location ?? '')));
    expect(page).toContain(`The values of run #${run} are not right any more, so it was not started.`);
  });

  it('is not for others', async () => {
    const stranger = web.browser();
    await stranger.signUp();
    expect((await stranger.postForm(`/runs/${run}/again`, {}, { page: '/projects' })).status).toBe(404);
  });
});
