import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { startTestWebApp, type TestWebApp } from '../../web-app';

let web: TestWebApp;
let pipelines: string;

beforeAll(async () => {
  pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
  writeFileSync(join(pipelines, 'say.sh'), '#!/bin/sh\n##~~ title: Say\n##~~ word:string=x - any word\n');
  chmodSync(join(pipelines, 'say.sh'), 0o755);
  web = await startTestWebApp({ PIPELINES_DIR: pipelines, MAX_WAITING_PER_PERSON: '2', GUEST_WAITING: '1' });
});
afterAll(async () => {
  await web?.close();
  rmSync(pipelines, { recursive: true, force: true });
});

it('a person has only so many runs waiting, and is told so; what was accepted is found again, and who cancels one may send another', async () => {
  const browser = web.browser();
  const { email } = await browser.signUp();
  const person = await web.app.get(UsersRepository).findByEmail(email);
  const project = await web.app.get(ProjectCreation).create(person!.id, 'Spleen');
  const page = `/projects/${project.id}/run/say`;
  const submission = /name="submission" value="([^"]+)"/.exec((await browser.get(page)).body)![1];
  const send = (word: string) => browser.postForm(page, { 'p.word': word, submission });

  const first = await send('one');
  expect([first.status, (await send('two')).status]).toEqual([303, 303]);
  const refused = await send('three');
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(refused.status).toBe(422);
  expect(refused.body).toContain('You have 2 runs waiting already');
  expect((await send('one')).location).toBe(first.location);

  const [run] = await web.app.get(RunsRepository).liveOfOwner(person!.id);
  await web.app.get(QueueStore).requestCancel(run.id, 'Cancelled by Ada.');
  expect((await send('three')).status).toBe(303);
});

it('a guest may have fewer waiting', async () => {
  const browser = web.browser();
  await browser.enterAsGuest();
  await browser.postForm('/projects', { name: 'Spleen' });
  const project = /\/projects\/([0-9a-f-]{36})/.exec((await browser.get('/projects')).body)![1];
  const page = `/projects/${project}/run/say`;
  const submission = /name="submission" value="([^"]+)"/.exec((await browser.get(page)).body)![1];
  const send = (word: string) => browser.postForm(page, { 'p.word': word, submission });
  expect((await send('one')).status).toBe(303);
  const refused = await send('two');
  expect(refused.status).toBe(422);
  expect(refused.body).toContain('You have 1 run waiting already');
});
