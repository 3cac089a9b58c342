import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { PipelineCatalogue } from '../../../src/common/pipelines/pipeline-catalogue';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { aCapacity } from '../../factories';
import { makePipelines } from '../../pipeline-folder';
import { createProject, upload } from '../../project-steps';
import { until } from '../../until';
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
    run = await submitted();
    await web.app.get(QueueStore).requestCancel(run, 'enough');
  });

  async function submitted(): Promise<number> {
    const fields = { submission: randomUUID(), 'p.image': `project:${file}`, 'p.sigma': '2.50', 'p.markers': 'DAPI\nCD3' };
    return numberIn(await browser.postForm(form, fields, { page: form }));
  }

  /** As a runner does. */
  async function end(runId: number): Promise<void> {
    const store = web.app.get(QueueStore);
    const runner = { ...aCapacity({ slots: 1000 }), name: 'ws-core-1', incarnation: 'a' };
    await store.registerRunner({ ...runner, host: 'test', bootId: 'test', pokeAddress: null });
    const claimed = await store.claim(runner, 1000);
    const { fence } = claimed.find(({ id }) => id === runId)!;
    await store.authorise({ runId, fence }, { kind: 'process', pid: 4_000_000, startTicks: '1', host: 'test', bootId: 'test' });
    await store.finish({ runId, fence }, { state: 'succeeded', exitCode: 0, note: null });
  }

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

  it('names the version that a pipeline has now', async () => {
    writeFileSync(join(pipelines, 'blur', 'pipeline.yaml'), `${MANIFEST}version: '2'\n`);
    await until(async () => (await web.app.get(PipelineCatalogue).find('blur'))?.manifest.version === '2');
    run = await submitted();
    await web.app.get(QueueStore).requestCancel(run, 'enough');
    writeFileSync(join(pipelines, 'blur', 'pipeline.yaml'), `${MANIFEST}version: '3'\n`);
    await until(async () => (await web.app.get(PipelineCatalogue).find('blur'))?.manifest.version === '3');
    const page = wordsOf(mainOf(await browser.get((await again()).location ?? '')));
    expect(page).toContain(`The pipeline was version 2 in run #${run} and is version 3 now, so it was not started.`);
  });

  describe('what has run', () => {
    const place = (name: string) => join(web.database.config.filesRoot, project.ownerId, project.id, name);
    const record = (names: string[]) =>
      names.map((path) => {
        const { ino, size, mtimeNs } = statSync(place(path), { bigint: true });
        const sha256 = createHash('sha256')
          .update(readFileSync(place(path)))
          .digest('hex');
        return { source: 'project', path, inode: String(ino), size: Number(size), mtimeNs: String(mtimeNs), sha256 };
      });
    const control = (name: string, content: unknown) => {
      mkdirSync(join(web.database.config.runsRoot, String(run), '1'), { recursive: true });
      writeFileSync(join(web.database.config.runsRoot, String(run), '1', name), JSON.stringify(content));
    };
    const said = async (answer: TestAnswer) => wordsOf(mainOf(await browser.get(answer.location ?? '')));

    beforeEach(async () => {
      run = await submitted();
      await end(run);
    });

    it('starts again where all files are as they were, also where one was written anew with the same content', async () => {
      control('inputs.json', { complete: true, files: record([file]) });
      writeFileSync(place(file), 'a');
      const path = [Buffer.from(file)];
      await web.app.get(FileDigests).compute(project.id, web.app.get(ProjectFiles).of(project), path);
      expect(numberIn(await again())).toBeGreaterThan(run);
    });

    it('names the files that are not as they were, however many there are', async () => {
      const names = Array.from({ length: 60 }, (_, index) => `many-${run}-${index}.txt`);
      for (const name of names) writeFileSync(place(name), name);
      control('inputs.json', { complete: true, files: record([file, ...names]) });
      writeFileSync(place(names[56]), 'other');
      rmSync(place(names[57]));
      expect(await said(await again())).toContain(
        `Files that run #${run} read are not as they were, so it was not started: ${names[56]} (changed), ${names[57]} (gone).`,
      );
    });

    it.each([undefined, { complete: false, files: [] }])('is not started where nobody knows what it read (%j)', async (content) => {
      if (content) control('inputs.json', { ...content, files: record([file]) });
      expect(await said(await again())).toContain(`Nobody wrote down all files that run #${run} read, so it was not started`);
    });

    it('hands on the image that it ran in', async () => {
      control('inputs.json', { complete: true, files: record([file]) });
      const digest = `sha256:${'c'.repeat(64)}`;
      control('container.json', { image: 'lab/blur', imageId: 'sha256:1', digest });
      await web.app.get(DataSource).query(`UPDATE queue SET engine = 'docker' WHERE id = ${run}`);
      const next = numberIn(await again());
      expect((await web.app.get(RunsRepository).details(next))?.manifest).toMatchObject({ sameImage: { run, digest } });
    });
  });

  it('waits for the end of the first', async () => {
    run = await submitted();
    expect((await again()).status).toBe(409);
  });

  it('is not for others', async () => {
    const stranger = web.browser();
    await stranger.signUp();
    expect((await stranger.postForm(`/runs/${run}/again`, {}, { page: '/projects' })).status).toBe(404);
  });
});
