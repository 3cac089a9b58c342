import { randomUUID } from 'node:crypto';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { QueueStore, type NewRun } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { SweepsRepository } from '../../../src/common/sweeps/sweeps.repository';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { aCapacity, aNewRun, aProject } from '../../factories';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const RUNNER = { ...aCapacity({ slots: 2 }), name: 'big-1', incarnation: randomUUID(), host: 'big-1', bootId: 'b', pokeAddress: null };
const MANIFEST = {
  parameters: [
    { name: 'image', label: 'Image', type: 'file' },
    { name: 'sigma', label: 'Blur', type: 'number' },
  ],
};

interface Person {
  browser: TestBrowser;
  id: string;
  projectId: string;
}

describe('queue page', () => {
  let web: TestWebApp;
  let store: QueueStore;
  let mira: Person;
  let jonas: Person;

  const ask = async (person: Person, over: Partial<NewRun> = {}) => {
    const parameters = { image: `project:${person.projectId.slice(0, 8)}-secret.tif`, sigma: 1.5 };
    const run = aNewRun({ ownerId: person.id, projectId: person.projectId, parameters, manifest: MANIFEST, ...over });
    return (await store.enqueue(run)).runId;
  };
  const enter = async (name: string, projectName: string): Promise<Person> => {
    const browser = web.browser();
    const { email } = await browser.signUp(`${name}@example.org`);
    const id = (await web.app.get(UsersRepository).findByEmail(email))!.id;
    const projectId = randomUUID();
    await web.app.get(ProjectsRepository).add(aProject({ id: projectId, ownerId: id, name: projectName }));
    return { browser, id, projectId };
  };
  /** Runs one queued run to its end, as a runner does. */
  const carryOut = async (note: string | null, progressText = '') => {
    const [run] = await store.claim(RUNNER, 1);
    const lease = { runId: run.id, fence: run.fence };
    await store.authorise(lease, { kind: 'process', pid: 1, startTicks: '1', host: 'h', bootId: 'b' });
    if (progressText) await store.reportProgress(lease, 40, progressText);
    return { runId: run.id, end: () => store.finish(lease, { state: 'failed', exitCode: 2, note }) };
  };
  const row = (html: string, runId: number) => new RegExp(`<tr id="run-${runId}">[^]*?</tr>`).exec(html)?.[0] ?? '';

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'root@example.org' });
    store = web.app.get(QueueStore);
    mira = await enter('mira', 'Miras own sample');
    jonas = await enter('jonas', 'Jonas hidden sample');
  });
  beforeEach(() => store.registerRunner(RUNNER));
  afterAll(() => web.close());
  // Waiting runs of one test would be carried out by the next.
  afterEach(async () => {
    for (const run of await web.app.get(RunsRepository).listWaitingAndHeld()) await store.requestCancel(run.id, 'tidied up');
  });

  it('asks strangers to log in', async () => {
    expect((await web.browser().get('/queue')).location).toBe('/login?next=%2Fqueue');
  });

  it('says that there is nothing yet, and that no runner is alive', async () => {
    await store.retireRunner(RUNNER);
    const html = mainOf(await mira.browser.get('/queue'));
    expect(html).toContain('Nothing has run yet');
    expect(html).toContain('No runner is alive.');
  });

  it('counts the runs of sweeps up to a bound, and tells of larger ones only how many they are', async () => {
    const sweeps = web.app.get(SweepsRepository, { strict: false });
    const of = async (runCount: number) => {
      const id = randomUUID();
      const row = { pipelineId: 'nuclei', pipelineTitle: 'Nuclei', axes: [], mode: 'all' as const, runCount };
      await sweeps.add({ ...row, id, projectId: mira.projectId, ownerId: mira.id });
      for (const position of [0, 1]) await sweeps.addRun(id, position, await ask(mira));
      return id;
    };
    const [large, small] = [await of(2001), await of(2)];
    await sweeps.addRun(small, 2, await ask(mira));
    const count = jest.spyOn(sweeps, 'countStates');
    const html = mainOf(await mira.browser.get('/queue'));
    expect(count.mock.calls).toEqual([[[small]]]);
    count.mockRestore();
    const line = (id: string) => new RegExp(`id="sweep-waiting-${id}"[^]*?</summary>`).exec(html)?.[0] ?? '';
    expect([line(large), line(small)]).toEqual([
      expect.stringContaining('2001 runs asked for together'),
      expect.stringContaining('3 runs asked for together'),
    ]);
    expect([line(large), line(small)].map((one) => one.includes('data-run-state="queued"'))).toEqual([false, true]);
  });

  it('shows and cancels runs that were asked for together in one, for those who may', async () => {
    const id = randomUUID();
    const row = { pipelineId: 'nuclei', pipelineTitle: 'Nuclei', axes: [], mode: 'all' as const, runCount: 2 };
    await web.app.get(SweepsRepository, { strict: false }).add({ ...row, id, projectId: mira.projectId, ownerId: mira.id });
    const runs = [await ask(mira), await ask(mira)];
    for (const [position, run] of runs.entries()) await web.app.get(SweepsRepository, { strict: false }).addRun(id, position, run);
    const page = `/projects/${mira.projectId}/sweeps/${id}`;
    const buttons = (html: string) => [html.includes(`action="${page}/cancel"`), html.includes(`href="${page}">Show`)];
    expect(buttons((await mira.browser.get('/queue')).body)).toEqual([true, true]);
    expect(buttons((await jonas.browser.get('/queue')).body)).toEqual([false, false]);
    expect((await jonas.browser.postForm(`${page}/cancel`, { back: '/queue' })).status).toBe(404);
    expect((await mira.browser.postForm(`${page}/cancel`, { back: '/queue' })).location).toBe('/queue');
    const states = (await web.app.get(RunsRepository).findByIds(runs)).map(({ state }) => state);
    expect(states).toEqual(['cancelled', 'cancelled']);
    expect(buttons((await mira.browser.get('/queue')).body)).toEqual([false, true]);
  });

  it('shows a waiting run with its parameters, place in line and what it waits for', async () => {
    await store.retireRunner(RUNNER);
    const runId = await ask(mira);
    const html = row((await mira.browser.get('/queue')).body, runId);
    expect(html).toContain('data-run-state="queued"');
    expect(html).toContain(`Image: ${mira.projectId.slice(0, 8)}-secret.tif · Blur: 1.5`);
    expect(html).toContain('Miras own sample');
    expect(html).toContain('No runner is alive, so it waits until one is back.');
    await store.registerRunner(RUNNER);
    expect(row((await mira.browser.get('/queue')).body, runId)).toContain('A place is free');
  });

  it('shows of other people’s runs number, pipeline, name, state and times, and nothing else', async () => {
    await ask(mira);
    const mine = await carryOut('NOTE-OF-MIRA', 'PROGRESS-OF-MIRA');
    const theirs = await jonas.browser.get('/queue');
    const html = row(theirs.body, mine.runId);
    expect(html).toContain('data-run-state="running"');
    expect(html).toContain('Nuclei');
    expect(html).toContain('mira');
    expect(html).toContain('<time');
    await mine.end();
    const ended = row((await jonas.browser.get('/queue')).body, mine.runId);
    expect(ended).toContain('data-run-state="failed"');
    for (const page of [theirs.body, html, ended, (await jonas.browser.get('/queue?q=secret')).body]) {
      expect(page).not.toMatch(
        /secret\.tif|Blur|Miras own sample|NOTE-OF|PROGRESS-OF|@example\.org.*mira|mira@example|Cancel run|<progress class="meter mt/,
      );
    }
    expect(ended).not.toContain('href="/runs');
    expect(row((await mira.browser.get('/queue')).body, mine.runId)).toContain('NOTE-OF-MIRA');
  });

  it('shows administrators what they need to find out why something fails', async () => {
    const admin = web.browser();
    await admin.signUp('root@example.org');
    expect((await admin.get('/queue')).body).toContain('NOTE-OF-MIRA');
  });

  it('does not tell of other people’s projects by what a search finds', async () => {
    await ask(mira);
    await (await carryOut(null)).end();
    expect(mainOf(await jonas.browser.get('/queue?q=miras+own'))).toContain('No run fits');
    expect(mainOf(await mira.browser.get('/queue?q=miras+own'))).toContain('data-run-state="failed"');
  });

  it('filters by whose, words, number and state', async () => {
    const first = await ask(jonas, { pipelineTitle: 'Fasta_100% stats' });
    const ids = async (query: string) =>
      [...(await mira.browser.get(`/queue?${query}`)).body.matchAll(/<tr id="run-(\d+)">/g)].map((match) => Number(match[1]));
    expect(await ids('whose=mine')).not.toContain(first);
    expect(await ids('q=fasta_100%25')).toEqual([first]);
    expect(await ids('q=%25')).toEqual([first]);
    expect(await ids(`q=%23${first}`)).toEqual([first]);
    expect(await ids('q=JONAS')).toEqual([first]);
    expect(await ids('state=waiting')).toEqual([first]);
    expect(await ids('state=running')).toEqual([]);
    expect(await ids('state=failed&q=nuclei')).toHaveLength(2);
    expect(await ids('state=failed&q=fasta')).toEqual([]);
    expect((await ids('state=nonsense&whose=x&before=y&q[]=1')).length).toBeGreaterThan(2);
  });

  it('pages through what has ended, each run once', async () => {
    await store.requestCancel(await ask(jonas), 'x');
    for (let count = 0; count < 40; count += 1) await store.requestCancel(await ask(mira, { pipelineTitle: 'Paged' }), 'x');
    const seen: number[] = [];
    let address: string | undefined = '/queue?q=paged';
    while (address) {
      const { body } = await mira.browser.get(address);
      seen.push(...[...body.matchAll(/<tr id="run-(\d+)">/g)].map((match) => Number(match[1])));
      address = /href="([^"]*before[^"]*)"/.exec(body)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
    }
    expect(seen).toHaveLength(40);
    expect(new Set(seen).size).toBe(40);
  });

  it('escapes what people call things', async () => {
    const runId = await ask(mira, { pipelineTitle: '<img src=x onerror=alert(1)>', parameters: { sigma: '"><script>alert(1)</script>' } });
    const { body } = await mira.browser.get('/queue');
    expect(row(body, runId)).not.toMatch(/<img|<script/);
    expect(mainOf(await mira.browser.get('/queue?q="><script>alert(1)</script>'))).not.toContain('<script');
    await store.requestCancel(runId, 'x');
  });

  describe('Cancel run', () => {
    it('cancels one’s own waiting run, says by whom, and returns to the page', async () => {
      const runId = await ask(mira);
      const answer = await mira.browser.postForm(`/runs/${runId}/cancel`, { back: '/queue?whose=mine' }, { page: '/queue' });
      expect([answer.status, answer.location]).toEqual([303, '/queue?whose=mine']);
      const { body } = await mira.browser.get('/queue?whose=mine');
      expect(row(body, runId)).toMatch(/data-run-state="cancelled"[^]*Cancelled by you/);
      expect(body).toContain(`Run #${runId} is cancelled.`);
      expect(row(body, runId)).not.toContain('Cancel run');
    });

    it('refuses strangers and other people, and leaves the run alone', async () => {
      const runId = await ask(mira);
      expect((await jonas.browser.postForm(`/runs/${runId}/cancel`, {}, { page: '/queue' })).status).toBe(403);
      expect((await web.browser().postForm(`/runs/${runId}/cancel`)).status).toBe(401);
      expect((await mira.browser.postBody(`/runs/${runId}/cancel`, 'back=/queue')).status).toBe(403);
      expect((await web.app.get(RunsRepository).find(runId))?.state).toBe('queued');
      await store.requestCancel(runId, 'x');
    });

    it('never leads to another site', async () => {
      const runId = await ask(mira);
      for (const back of ['//evil.test/', 'https://evil.test/', '/\\evil.test', 'javascript:alert(1)']) {
        const { location } = await mira.browser.postForm(`/runs/${runId}/cancel`, { back }, { page: '/queue' });
        expect(location).toBe(`/runs/${runId}`);
      }
    });

    it('tells when the run had ended already, and changes nothing', async () => {
      await ask(mira);
      const { runId, end } = await carryOut('ended by itself');
      await end();
      await mira.browser.postForm(`/runs/${runId}/cancel`, { back: '/queue' }, { page: '/queue' });
      const { body } = await mira.browser.get('/queue');
      expect(body).toContain(`Run #${runId} had already ended.`);
      expect(row(body, runId)).toContain('ended by itself');
    });
  });
});
