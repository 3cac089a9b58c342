import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore, type RunnerIdentity } from '../../../src/common/queue/queue-store';
import { Runner } from '../../../src/common/queue/run.entity';
import { aCapacity } from '../../factories';
import { createProject } from '../../project-steps';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const PIPELINES: Record<string, string> = {
  plain: 'title: Plain\n',
  cluster: 'title: Spot calling\nslurm: { partition: short }\n',
  wide: 'title: Whole slide\nneeds: { gpus: 2 }\n',
  grows: `title: Cell typing
needs: { memory: { parameter: gigabytes, times: 1000000000 } }
parameters:
  - { name: gigabytes, type: integer, label: Memory, unit: GB, default: 1, min: 1 }
`,
  endless: `title: Tiles
needs: { cpu: { parameter: tiles, plus: 10 }, gpus: { parameter: tiles, times: 0.001 } }
parameters:
  - { name: tiles, type: number, label: Tiles, default: 1 }
`,
};

/** What a person reads before a run is asked for, of pipelines that no living runner takes. */
describe('before a run is asked for', () => {
  let web: TestWebApp;
  let pipelines: string;
  let store: QueueStore;
  let person: TestBrowser;
  let admin: TestBrowser;
  let project: Project;
  let theirs: Project;

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    for (const [name, yaml] of Object.entries(PIPELINES)) {
      mkdirSync(join(pipelines, name));
      writeFileSync(join(pipelines, name, 'pipeline.yaml'), `${yaml}command: [./go.sh]\n`);
      writeFileSync(join(pipelines, name, 'go.sh'), '#!/bin/sh\n');
      chmodSync(join(pipelines, name, 'go.sh'), 0o755);
    }
    web = await startTestWebApp({ PIPELINES_DIR: pipelines, ADMIN_EMAILS: 'root@example.org', CONTACT_EMAIL: 'imaging@example.org' });
    store = web.app.get(QueueStore);
    person = web.browser();
    await person.signUp('mira@example.org');
    admin = web.browser();
    await admin.signUp('root@example.org');
    project = await createProject(web, person, 'Spleen');
    theirs = await createProject(web, admin, 'Trial');
  });
  beforeEach(() => web.app.get(DataSource).getRepository(Runner).clear());
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const runner = async (over: Partial<RunnerIdentity> = {}): Promise<RunnerIdentity> => {
    const usual = aCapacity({ name: 'lab-1', slots: 2, cpu: 4000, memory: 8000, engines: ['process'] });
    const identity = { ...usual, incarnation: randomUUID(), host: 'lab', bootId: 'b', pokeAddress: null, ...over };
    await store.registerRunner(identity);
    return identity;
  };
  const form = async (id: string) => wordsOf(mainOf(await person.get(`/projects/${project.id}/run/${id}`)));
  const formOfAdmin = async (id: string) => wordsOf(mainOf(await admin.get(`/projects/${theirs.id}/run/${id}`)));
  /** The sentences beside the pipelines, by title, of the page of choice and of the project. */
  const lists = async () => {
    const told = async (path: string) => {
      const items = mainOf(await person.get(path)).match(/<li[^>]*>(?:(?!<\/li>)[^])*class="name"[^]*?<\/li>/g) ?? [];
      return new Map(
        items.map((item) => [
          /class="name"[^>]*>([^<]*)</.exec(item)?.[1] ?? '',
          wordsOf(/<(\w+) class="meta[^"]*" data-readiness[^]*?<\/\1>/.exec(item)?.[0] ?? '').trim(),
        ]),
      );
    };
    const [choice, page] = [await told(`/projects/${project.id}/run`), await told(`/projects/${project.id}`)];
    for (const title of choice.keys()) expect(page.get(title)).toBe(choice.get(title));
    return choice;
  };

  it('says of each pipeline in the lists whether a living runner could take it at all', async () => {
    await runner();
    const told = await lists();
    expect([...told.keys()]).toEqual(['Cell typing', 'Plain', 'Tiles', 'Spot calling', 'Whole slide']);
    expect(told.get('Plain')).toBe('Ready.');
    expect(told.get('Cell typing')).toBe('Ready.');
    expect(told.get('Spot calling')).toBe('Not available at the moment. It needs Slurm, which no runner offers.');
    expect(told.get('Whole slide')).toBe('It needs 2 GPUs, and no runner that is alive has any.');
    await runner({ name: 'hpc-1', engines: ['slurm'], remoteSlots: 5 });
    expect((await lists()).get('Spot calling')).toBe('Ready.');
  });

  it('refuses a field that makes the run need more than there can be, and says what may be entered', async () => {
    await runner();
    const ask = async (id: string, entries: Record<string, string>) => {
      const page = `/projects/${project.id}/run/${id}`;
      const submission = /name="submission" value="([^"]*)"/.exec((await person.get(page)).body)?.[1] ?? '';
      return person.postForm(page, { ...entries, submission });
    };
    for (const tiles of ['5e12', '99991']) {
      const answer = await ask('endless', { 'p.tiles': tiles });
      expect(answer.status).toBe(422);
      expect(wordsOf(mainOf(answer))).toContain(
        'Write a number of at most 99990. With more, the run would need more than 100,000 cores, which no machine has.',
      );
      expect(answer.body).toContain(`value="${tiles}"`);
    }
    const memory = await ask('grows', { 'p.gigabytes': '1000001' });
    expect(wordsOf(mainOf(memory))).toContain(
      'Write a number of at most 1000000 GB. With more, the run would need more than 1 PB of memory,',
    );
    expect((await ask('endless', { 'p.tiles': '99990' })).status).toBe(303);
    expect((await ask('grows', { 'p.gigabytes': '1000000' })).status).toBe(303);
  });

  it('calls nothing ready while nobody takes runs', async () => {
    expect((await lists()).get('Plain')).toBe('No runner is alive, so it waits until one is back.');
    await runner();
    await store.setRunnerMode('lab-1', 'paused');
    expect((await lists()).get('Plain')).toBe('The runner for it, lab-1, is paused.');
    await store.setRunnerMode('lab-1', 'active');
    expect((await lists()).get('Plain')).toBe('Ready.');
  });

  it('says in the form why a run would wait, and to each what helps', async () => {
    await runner();
    expect(await form('plain')).toContain('Starts at once');
    expect(await form('plain')).not.toMatch(/would wait|Cannot run here/);
    expect(await form('cluster')).toMatch(
      /Run Spot calling Run Cannot run here at the moment: It needs Slurm, which no runner offers\. Nothing would be lost: it starts when a runner offers it\. Tell the administrator that you need it\. Tell the administrator .*Settings .*Run /,
    );
    expect(await formOfAdmin('cluster')).toContain(
      'which no runner offers. Add “slurm” to RUNNER_ENGINES of a runner that can do it, and start that runner again.',
    );
    expect(await form('wide')).toContain(
      'It needs 2 GPUs, and no runner that is alive has any. Nothing would be lost: it starts when there is a larger runner.',
    );
    expect(await formOfAdmin('wide')).toContain(
      'Start a runner on a larger machine, or give one more (RUNNER_CPUS, RUNNER_MEMORY, RUNNER_GPUS).',
    );
    expect(await form('cluster')).not.toContain('Starts at once');
  });

  it('promises no mail where there is no mail server', async () => {
    const main = await form('plain');
    expect(main).toContain('No mail server is set up here, so no mail comes.');
    expect(main).not.toContain('You get a mail');
    for (const path of ['/', '/help']) expect(wordsOf((await person.get(path)).body)).not.toMatch(/a mail comes|You get a mail/);
    expect(wordsOf((await web.browser().get('/')).body)).not.toContain('a mail comes');
  });

  it('follows what is entered, and names the setting that asks for too much', async () => {
    await runner();
    const preview = async (gigabytes: string) =>
      wordsOf(
        mainOf(await person.postForm(`/projects/${project.id}/run/grows/preview`, { 'p.gigabytes': gigabytes }, { page: '/projects' })),
      );
    expect(await preview('4')).not.toContain('would wait');
    expect(await preview('900')).toContain(
      'It needs 900 GB of memory. The runner that has most, lab-1, has 8.4 GB. Ask for less in “Memory”, or tell the administrator that you need a larger runner.',
    );
    // It waits, and nothing is lost: nobody is kept from asking for it.
    const submission = randomUUID();
    expect(
      (await person.postForm(`/projects/${project.id}/run/grows`, { 'p.gigabytes': '900', submission }, { page: '/projects' })).status,
    ).toBe(303);
  });

  it('says in the form when no runner is alive, or all that could are paused, and to administrators where they set it right', async () => {
    expect(await form('plain')).toContain(
      'Cannot run here at the moment: No runner is alive. Nothing starts until one is back; what you asked for stays in the queue.',
    );
    expect(await formOfAdmin('plain')).toContain('Start its service, or “node dist/runner”');
    await runner();
    await store.setRunnerMode('lab-1', 'paused');
    expect(await form('plain')).toMatch(
      /Cannot run here at the moment: The runner for it, lab-1, is paused\. Paused just now \. It starts when/,
    );
    expect(await formOfAdmin('plain')).toMatch(
      /lab-1, is paused\. Paused just now \. Resume it on the page of the runners\. Runners Settings /,
    );
  });
});
