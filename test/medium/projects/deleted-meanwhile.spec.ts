import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { aNewRun } from '../../factories';
import { createProject } from '../../project-steps';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

describe('a project that is deleted while a run is asked for in another tab', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let pipelines: string;

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    writeFileSync(join(pipelines, 'hello.sh'), '#!/bin/sh\n##~~ name=x - a name\n');
    chmodSync(join(pipelines, 'hello.sh'), 0o755);
    web = await startTestWebApp({ PIPELINES_DIR: pipelines });
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const runs = () => web.app.get(RunsRepository, { strict: false });
  const store = () => web.app.get(QueueStore, { strict: false });
  const remove = (id: string, typed: string) => browser.postForm(`/projects/${id}/delete`, { typed }, { page: '/projects' });

  it('takes a run with it that came after the look for live runs', async () => {
    const project = await createProject(web, browser, 'Race');
    const files = web.app.get(ProjectFiles, { strict: false });
    const staging = files.staging.bind(files);
    let runId = 0;
    const moment = jest.spyOn(files, 'staging').mockImplementationOnce(async (ownerId) => {
      ({ runId } = await store().enqueue(aNewRun({ projectId: project.id, ownerId })));
      return staging(ownerId);
    });
    await remove(project.id, 'Race');
    moment.mockRestore();
    expect(runId).toBeGreaterThan(0);
    expect(await runs().find(runId)).toBeNull();
  });

  it('cancels a run that entered the queue after the deletion', async () => {
    const project = await createProject(web, browser, 'Late');
    const queue = store();
    const enqueue = queue.enqueue.bind(queue);
    let runId = 0;
    const moment = jest.spyOn(queue, 'enqueue').mockImplementationOnce(async (run) => {
      await remove(project.id, 'Late');
      const entered = await enqueue(run);
      ({ runId } = entered);
      return entered;
    });
    const answer = await browser.postForm(`/projects/${project.id}/run/hello`, { 'p.name': 'x' }, { page: '/projects' });
    moment.mockRestore();
    expect(answer.status).toBe(422);
    expect(await runs().find(runId)).toMatchObject({ state: 'cancelled', note: 'The project was deleted.' });
    expect(existsSync(join(web.database.config.filesRoot, project.ownerId, project.id))).toBe(false);
  });
});
