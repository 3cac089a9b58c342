import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { Trash } from '../../../src/common/trash/trash';
import { aNewRun } from '../../factories';
import { createProject } from '../../project-steps';
import { refusal, TusClient } from '../../tus';
import { startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

describe('uploads whose name is taken', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let client: TusClient;
  let folder: string;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Conflicts ${(count += 1)}`);
    client = new TusClient(browser, project.id);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    writeFileSync(join(folder, 'DAPI.tif'), 'old');
  });

  const send = (onConflict?: string, name = 'DAPI.tif') =>
    client.create(name, 3, { content: 'new', metadata: onConflict === undefined ? {} : { onConflict } });
  const begin = (onConflict: string, name = 'CD8.tif') => client.begin(name, 3, { metadata: { onConflict } });
  const contents = () =>
    Object.fromEntries(
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
  const told = ({ headers }: TestAnswer) => [headers['upload-outcome'], decodeURIComponent(String(headers['upload-stored-as']))];

  async function waitingRun(...inputs: string[]): Promise<number> {
    const parameters = { images: inputs.map((input) => `project:${input}`) };
    const { runId } = await web.app
      .get(QueueStore, { strict: false })
      .enqueue(aNewRun({ projectId: project.id, ownerId: project.ownerId, parameters }));
    return runId;
  }

  it.each([undefined, 'ask'])('are refused before anything is sent, with what is there, when the client says %j', async (onConflict) => {
    const answer = await send(onConflict);
    expect([answer.status, refusal(answer)]).toEqual([409, 'uploads.exists']);
    const { values } = (JSON.parse(answer.body) as { error: { values: Record<string, unknown> } }).error;
    expect(values).toMatchObject({ name: 'DAPI.tif', size: '3 bytes' });
    expect(Number(values['changedMs'])).toBeGreaterThan(Date.now() - 60_000);
    expect(contents()).toEqual({ 'DAPI.tif': 'old' });
  });

  it('keep both under a number', async () => {
    expect(told(await send('keepBoth'))).toEqual(['renamed', 'DAPI (2).tif']);
    expect(contents()).toEqual({ 'DAPI.tif': 'old', 'DAPI (2).tif': 'new' });
  });

  it('replace the old one, which goes to the trash and comes back from there', async () => {
    expect(told(await send('replace'))).toEqual(['replaced', 'DAPI.tif']);
    expect(contents()).toEqual({ 'DAPI.tif': 'new' });
    const trash = web.app.get(Trash, { strict: false });
    const { deletions } = await trash.list(project, { from: 0, most: 10 });
    expect(deletions.map(({ names }) => names)).toEqual([['DAPI.tif']]);
    await trash.restore(project, deletions[0].id);
    expect(contents()).toEqual({ 'DAPI.tif': 'new', 'DAPI (2).tif': 'old' });
  });

  it('are left out', async () => {
    const answer = await send('skip');
    expect([answer.status, refusal(answer)]).toEqual([409, 'uploads.skipped']);
    expect((await send('skip', 'other.tif')).status).toBe(201);
    expect(contents()).toEqual({ 'DAPI.tif': 'old', 'other.tif': 'new' });
  });

  it('never replace a folder, nor a file that a run needs', async () => {
    mkdirSync(join(folder, 'scans'));
    for (const choice of ['ask', 'replace']) {
      const answer = await send(choice, 'scans');
      expect([choice, answer.status, refusal(answer)]).toEqual([choice, 409, 'uploads.folderExists']);
    }
    const runId = await waitingRun('DAPI.tif');
    const used = await send('replace');
    expect([used.status, refusal(used)]).toEqual([409, 'projects.inUse']);
    expect(used.body).toContain(`run #${runId}`);
    expect(told(await send('keepBoth'))).toEqual(['renamed', 'DAPI (2).tif']);
    expect(contents()).toEqual({ 'DAPI.tif': 'old', 'DAPI (2).tif': 'new' });
  });

  it.each([
    ['ask', ['renamed', 'CD8 (2).tif'], { 'CD8.tif': 'meanwhile', 'CD8 (2).tif': 'new' }],
    ['keepBoth', ['renamed', 'CD8 (2).tif'], { 'CD8.tif': 'meanwhile', 'CD8 (2).tif': 'new' }],
    ['replace', ['replaced', 'CD8.tif'], { 'CD8.tif': 'new' }],
    ['skip', ['skipped', 'CD8.tif'], { 'CD8.tif': 'meanwhile' }],
  ])('when somebody else took the name while they were sent, with %j', async (choice, outcome, files) => {
    const address = await begin(choice);
    writeFileSync(join(folder, 'CD8.tif'), 'meanwhile');
    const answer = await client.append(address, 0, 'new');
    expect([answer.status, told(answer)]).toEqual([204, outcome]);
    expect(contents()).toEqual({ 'DAPI.tif': 'old', ...files });
    expect(told(await client.look(address))).toEqual(outcome);
    const staging = join(web.database.config.filesRoot, project.ownerId, '.staging');
    expect(readdirSync(staging).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('keep both when a run began to need the old one after the choice to replace it', async () => {
    const address = await begin('replace', 'DAPI.tif');
    await waitingRun('DAPI.tif');
    expect(told(await client.append(address, 0, 'new'))).toEqual(['renamed', 'DAPI (2).tif']);
    expect(contents()).toEqual({ 'DAPI.tif': 'old', 'DAPI (2).tif': 'new' });
  });

  it('keep the name of the results for runs', async () => {
    expect(told(await send('ask', 'runs'))).toEqual(['renamed', 'runs (2)']);
  });

  it('arrive all, when many of one name come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.create('same.txt', 3, { content: 'new' })));
    expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 409)).toEqual([]);
    const stored = answers.filter(({ status }) => status === 201).length;
    expect(Object.keys(contents()).filter((name) => name.startsWith('same')).length).toBe(stored);
    expect(stored).toBeGreaterThan(0);
  });
});

describe('uploads and limits', () => {
  it('of many at once never take more than one may use, to the byte', async () => {
    const web = await startTestWebApp({ USER_SPACE: '1 MB', USER_UPLOAD: '500 kB' });
    try {
      const browser = web.browser();
      await browser.signUp();
      const project = await createProject(web, browser, 'Full');
      const client = new TusClient(browser, project.id);
      await client.headers();
      const large = await client.create('large.bin', 500_001);
      expect([large.status, refusal(large)]).toEqual([413, 'projects.tooLarge']);
      const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => client.create(`${index}.bin`, 111_111)));
      const statuses = answers.map(({ status }) => status);
      expect([statuses.filter((status) => status === 201).length, statuses.filter((status) => status === 413).length]).toEqual([9, 1]);
      expect(refusal(answers.find(({ status }) => status === 413)!)).toBe('space.full');
      expect((await client.create('last.bin', 2)).status).toBe(413);
      expect((await client.create('last.bin', 1)).status).toBe(201);
      const begun = answers.find(({ status }) => status === 201)!.location!;
      expect((await client.append(begun, 0, Buffer.alloc(111_111))).status).toBe(204);
      expect((await client.create('more.bin', 1)).status).toBe(413);
      await client.end(answers.findLast(({ status }) => status === 201)!.location!);
      expect((await client.create('more.bin', 111_111)).status).toBe(201);
    } finally {
      await web.close();
    }
  });

  it('are refused while the disk has no room', async () => {
    const web = await startTestWebApp({ FREE_SPACE_RESERVE: '900000 TB' });
    try {
      const browser = web.browser();
      await browser.signUp();
      const project = await createProject(web, browser, 'No room');
      const answer = await new TusClient(browser, project.id).create('a.txt', 1);
      expect([answer.status, refusal(answer)]).toEqual([413, 'space.isFullDisk']);
    } finally {
      await web.close();
    }
  });
});
