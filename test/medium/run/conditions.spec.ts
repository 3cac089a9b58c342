import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileUses } from '../../../src/common/files/file-uses';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { aCapacity } from '../../factories';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const MANIFEST = `
title: Segment
command: [./segment.sh]
needs: { cpu: { parameter: threads, plus: 1 } }
parameters:
  - { name: image, type: file, accept: [.tif] }
  - { name: split, type: boolean, default: true }
  - { name: distance, type: number, default: 6, min: 1, max: 50, when: split }
  - { name: mask, type: file, accept: [.png], label: Mask, when: not split }
  - { name: note, type: string, required: false, requiredWhen: not empty(mask) }
  - { name: threads, type: integer, default: 3, when: split, advanced: true }
  - { name: least, type: integer, required: false }
  - { name: most, type: integer, required: false, label: Most }
rules:
  - { check: least <= most, message: The most must not be less than the least., at: most }
  - { check: most < 1000, message: This takes long., at: most, level: warning }
`;

describe('a form with conditions', () => {
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let project: Project;
  let page: string;

  const put = async (name: string) => {
    const file = await web.app
      .get(ProjectFiles)
      .of(project)
      .createFile([Buffer.from(name)]);
    await file.close();
  };
  const filled = (over: Record<string, string> = {}) => ({
    'p.image': 'project:a.tif',
    'p.split': 'true',
    'p.distance': '12',
    'p.mask': '',
    'p.note': '',
    'p.threads': '3',
    'p.least': '',
    'p.most': '',
    ...over,
  });
  const runOf = async (over: Record<string, string>) => {
    const answer = await browser.postForm(page, filled(over));
    expect([answer.status, mainOf(answer).match(/error-text.*/g)]).toEqual([303, null]);
    const runs = web.app.get(RunsRepository);
    const runId = Number(/\/runs\/(\d+)$/.exec(answer.location ?? '')?.[1]);
    return { run: await runs.find(runId), details: await runs.details(runId), runId };
  };

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    mkdirSync(join(pipelines, 'segment'));
    writeFileSync(join(pipelines, 'segment', 'pipeline.yaml'), MANIFEST);
    writeFileSync(join(pipelines, 'segment', 'segment.sh'), '#!/bin/sh\n');
    chmodSync(join(pipelines, 'segment', 'segment.sh'), 0o755);
    web = await startTestWebApp({ PIPELINES_DIR: pipelines });
    browser = web.browser();
    const { email } = await browser.signUp();
    const person = await web.app.get(UsersRepository).findByEmail(email);
    project = await web.app.get(ProjectCreation).create(person!.id, 'Spleen');
    page = `/projects/${project.id}/run/segment`;
    for (const name of ['a.tif', 'm.png']) await put(name);
  });

  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  it('shows all fields, and gives scripts what they need to decide', async () => {
    const main = mainOf(await browser.get(page));
    expect(main).toMatch(/id="p-distance"/);
    expect(main).toMatch(/id="p-mask"/);
    expect(main).toMatch(/class="field depends"/);
    const given = JSON.parse(/id="run-conditions">([^<]*)</.exec(main)![1]) as { fields: { name: string }[]; rules: unknown[] };
    expect(given.fields.map(({ name }) => name)).toEqual(['split', 'distance', 'mask', 'note', 'threads', 'least', 'most']);
    expect(given.rules).toHaveLength(2);
    expect(main).toContain('js/run-conditions.js');
  });

  it('drops what was entered into a field that does not apply, whatever it is', async () => {
    const over = { 'p.split': 'false', 'p.distance': 'far away', 'p.threads': '-1', 'p.mask': 'project:m.png', 'p.note': 'n' };
    const { run, details, runId } = await runOf(over);
    expect(details?.parameters).toEqual({ image: 'project:a.tif', split: false, mask: 'project:m.png', note: 'n' });
    expect(run?.needCpu).toBe(1000);
    const record = mainOf(await browser.get(`/runs/${runId}`));
    expect(record).not.toContain('Distance');
    expect(record).toContain('Mask');
    const again = mainOf(await browser.get(`${page}?from=${runId}`));
    expect(again).toMatch(/id="p-distance"[^>]* value="6"/);
    expect(again).not.toMatch(/id="p-split"[^>]* checked/);
    expect(again).not.toContain('to correct:');
  });

  it('protects no file that was chosen where it does not apply', async () => {
    const uses = web.app.get(FileUses);
    const mask = [Buffer.from('m.png')];
    const usedBefore = (await uses.usesOf(project, [mask])).length;
    const { run, details } = await runOf({ 'p.mask': 'project:m.png' });
    expect(details?.parameters).toEqual({ image: 'project:a.tif', split: true, distance: '12', threads: '3' });
    expect(run?.needCpu).toBe(4000);
    expect(await uses.usesOf(project, [mask])).toHaveLength(usedBefore);
  });

  it('decides on the server what is required and what goes together, and keeps what was entered', async () => {
    const over = { 'p.split': 'false', 'p.distance': 'kept', 'p.mask': 'project:m.png', 'p.least': '5', 'p.most': '4' };
    const answer = await browser.postForm(page, filled(over));
    const main = mainOf(answer);
    expect(answer.status).toBe(422);
    expect(main).toContain('2 settings to correct:');
    expect(main).toMatch(/id="p-note-error"[^>]*><span.*Fill this in\./s);
    expect(main).toMatch(/id="p-most-rule"[^>]*><span class="error-text">.*The most must not be less than the least\./);
    expect(main).toMatch(/id="p-most"[^>]* aria-invalid="true"[^>]* aria-describedby="p-most-error p-most-rule"/);
    expect(main).toMatch(/id="p-distance"[^>]* value="kept"/);
    expect(main).toMatch(/id="p-distance-error"[^>]*><\/span>/);
  });

  it('only warns where the rule says so', async () => {
    const preview = mainOf(await browser.postForm(`${page}/preview`, filled({ 'p.most': '1000' })));
    expect(preview).toMatch(/id="p-most-rule"[^>]*><span class="warn-text">.*This takes long\./);
    expect(preview).not.toContain('to correct:');
    expect((await runOf({ 'p.most': '1000' })).details?.parameters).toMatchObject({ most: '1000' });
  });

  it('shows the command without what does not apply', async () => {
    const command = async (over: Record<string, string>) => {
      const { body } = await browser.postForm(`${page}/preview`, filled(over));
      const shown = /<pre class="args" id="run-command"[^>]*>(.*?)<\/pre>/s.exec(body)?.[1] ?? '';
      return shown
        .replaceAll(/<[^>]*>/g, '')
        .replaceAll('&#x3D;', '=')
        .split(/\s+/);
    };
    expect(await command({ 'p.mask': 'project:m.png' })).toEqual([
      'segment.sh',
      '--image=a.tif',
      '--split',
      '--distance=12',
      '--threads=3',
    ]);
    expect(await command({ 'p.split': 'false', 'p.distance': 'x' })).toEqual(['segment.sh', '--image=a.tif', '--mask=?']);
  });

  it('names no setting that does not apply where a run would be too large', async () => {
    const small = aCapacity({ name: 'lab-1', slots: 1, cpu: 500, memory: 8000, engines: ['process'] });
    const identity = { ...small, incarnation: randomUUID(), host: 'lab', bootId: 'b', pokeAddress: null };
    await web.app.get(QueueStore).registerRunner(identity);
    const told = async (split: string) => wordsOf(mainOf(await browser.postForm(`${page}/preview`, filled({ 'p.split': split }))));
    expect(await told('true')).toContain('Ask for less in “Threads”');
    expect(await told('false')).toContain('It needs 1 core');
    expect(await told('false')).not.toContain('Ask for less');
  });
});
