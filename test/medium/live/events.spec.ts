import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { EventStreams } from '../../../src/web/live/event-streams.service';
import { ProjectMember } from '../../../src/common/members/project-member.entity';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { aCapacity, aNewRun, aProject } from '../../factories';
import { until } from '../../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

interface Heard {
  event: string;
  id: number;
  data: { runs: { id: number; state: string; project?: string; say?: string; progress?: number }[]; runners?: boolean } & Record<
    string,
    unknown
  >;
}

/** A reader of an event stream over a real socket. */
class Listener {
  text = '';
  ended = false;
  response: IncomingMessage | undefined;
  private readonly request: ClientRequest;

  constructor(browser: TestBrowser, path: string, headers: Record<string, string> = {}) {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const options = {
      host: '127.0.0.1',
      port: browser.port,
      path,
      agent: false,
      headers: { host: `localhost:${browser.port}`, cookie, ...headers },
    };
    this.request = get(options, (response) => {
      this.response = response;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (this.text += chunk));
      response.on('close', () => (this.ended = true));
    });
    this.request.on('error', () => (this.ended = true));
  }

  get status(): number | undefined {
    return this.response?.statusCode;
  }

  get events(): Heard[] {
    return this.text
      .split('\n\n')
      .filter((block) => block.includes('data: '))
      .map((block) => {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        return { event: field('event'), id: Number(field('id')), data: JSON.parse(field('data')) as Heard['data'] };
      });
  }

  news(runId: number): Heard['data']['runs'] {
    return this.events.flatMap(({ data }) => data.runs ?? []).filter((run) => run.id === runId);
  }

  close(): void {
    this.request.destroy();
  }
}

describe('event streams', () => {
  let web: TestWebApp;
  let store: QueueStore;
  let mira: { browser: TestBrowser; id: string };
  let jonas: { browser: TestBrowser; id: string };
  const open: Listener[] = [];

  const enter = async () => {
    const browser = web.browser();
    const { email } = await browser.signUp();
    return { browser, id: (await web.app.get(UsersRepository).findByEmail(email))!.id };
  };
  const listen = async (browser: TestBrowser, path = '/events', headers: Record<string, string> = {}) => {
    const listener = new Listener(browser, path, headers);
    open.push(listener);
    await until(() => listener.response !== undefined || listener.ended);
    return listener;
  };
  const streams = () => web.app.get(EventStreams).count();

  beforeAll(async () => {
    web = await startTestWebApp();
    store = web.app.get(QueueStore);
    mira = await enter();
    jonas = await enter();
  });
  afterEach(async () => {
    for (const listener of open.splice(0)) listener.close();
    await until(() => streams() === 0);
  });
  afterAll(() => web.close());

  it('refuses strangers', async () => {
    expect((await listen(web.browser())).status).not.toBe(200);
  });

  it('opens a stream that proxies leave alone', async () => {
    const { response, status } = await listen(mira.browser);
    expect(status).toBe(200);
    expect(response!.headers['content-type']).toContain('text/event-stream');
    expect(response!.headers['x-accel-buffering']).toBe('no');
    expect(response!.headers['cache-control']).toContain('no-store');
  });

  it('tells the owner more of a run than others', async () => {
    const [mine, theirs] = [await listen(mira.browser), await listen(jonas.browser)];
    const projectId = randomUUID();
    const { runId } = await store.enqueue(aNewRun({ ownerId: mira.id, projectId, parameters: { secret: 'PARAMETER' } }));
    await until(() => mine.news(runId).length > 0 && theirs.news(runId).length > 0);
    expect(mine.news(runId)[0]).toMatchObject({ state: 'queued', project: projectId, say: `Run ${runId} is queued` });
    expect(Object.keys(theirs.news(runId)[0]).sort()).toEqual(['id', 'state', 'version']);
    expect(theirs.text).not.toContain(projectId);
    await store.requestCancel(runId, 'NOTE');
    await until(() => theirs.news(runId).some((run) => run.state === 'cancelled'));
    expect(mine.text + theirs.text).not.toMatch(/PARAMETER|NOTE/);
  });

  it('tells each reader in their own language, whoever came first', async () => {
    const chinese = await listen(mira.browser, '/events', { 'accept-language': 'zh-CN' });
    const english = await listen(mira.browser, '/events', { 'accept-language': 'en' });
    const { runId } = await store.enqueue(aNewRun({ ownerId: mira.id }));
    await until(() => chinese.news(runId).length > 0 && english.news(runId).length > 0);
    expect([chinese.news(runId)[0].say, english.news(runId)[0].say]).toEqual([`运行 ${runId}：排队中`, `Run ${runId} is queued`]);
    await store.requestCancel(runId, 'x');
  });

  it('tells only the owner of progress', async () => {
    const runner = { ...aCapacity({ slots: 1 }), name: 'r', incarnation: randomUUID(), host: 'h', bootId: 'b', pokeAddress: null };
    await store.registerRunner(runner);
    const { runId } = await store.enqueue(aNewRun({ ownerId: mira.id }));
    const [run] = await store.claim(runner, 1);
    const lease = { runId, fence: run.fence };
    await store.authorise(lease, { kind: 'process', pid: 1, startTicks: '1', host: 'h', bootId: 'b' });
    const [mine, theirs] = [await listen(mira.browser), await listen(jonas.browser)];
    await store.reportProgress(lease, 30, 'TILE');
    await until(() => mine.news(runId).some((news) => news.progress === 30));
    await store.finish(lease, { state: 'succeeded', exitCode: 0, note: null });
    await until(() => theirs.news(runId).some((news) => news.state === 'succeeded'));
    expect(theirs.text).not.toContain('progress');
    expect(mine.text + theirs.text).not.toContain('TILE');
  });

  it('tells when a runner comes and goes', async () => {
    const listener = await listen(mira.browser);
    // News of a run says that the feed has looked for the first time: what comes before that belongs to the page.
    const { runId } = await store.enqueue(aNewRun());
    await until(() => listener.news(runId).length > 0);
    const runner = { ...aCapacity({ slots: 1 }), name: 'late', incarnation: randomUUID(), host: 'h', bootId: 'b', pokeAddress: null };
    await store.registerRunner(runner);
    await until(() => listener.events.some(({ data }) => data.runners === true));
    await store.retireRunner(runner);
    await until(() => listener.events.filter(({ data }) => data.runners === true).length > 1);
  });

  it('tells when a runner is told another mode or gets into trouble, and when a run is moved to the front: sentences change with it', async () => {
    const runner = { ...aCapacity({ slots: 1 }), name: 'steered', incarnation: randomUUID(), host: 'h', bootId: 'b', pokeAddress: null };
    await store.registerRunner(runner);
    await store.setRunnerMode('steered', 'paused');
    const { runId } = await store.enqueue(aNewRun());
    const listener = await listen(mira.browser);
    const next = await store.enqueue(aNewRun());
    await until(() => listener.news(next.runId).length > 0);
    const told = () => listener.events.filter(({ data }) => data.runners === true).length;
    const steps = [
      () => store.setRunnerMode('steered', 'draining'),
      () => store.beat(runner, 'Its disk is nearly full.'),
      () => store.toFront(next.runId),
      () => store.retireRunner(runner),
    ];
    for (const step of steps) {
      const before = told();
      await step();
      await until(() => told() > before);
    }
    for (const id of [runId, next.runId]) await store.requestCancel(id, 'Tidy.');
  });

  it('tells what happened between the page and the stream, and after a broken line', async () => {
    const writtenMs = await store.nowMs();
    const { runId } = await store.enqueue(aNewRun());
    const first = await listen(mira.browser, `/events?since=${writtenMs}`);
    await until(() => first.news(runId).length > 0);
    const { id } = first.events.at(-1)!;
    first.close();
    await until(() => streams() === 0);
    const later = await store.enqueue(aNewRun());
    const second = await listen(mira.browser, '/events', { 'last-event-id': String(id) });
    await until(() => second.news(later.runId).length > 0);
  });

  // SQLite has one writer, so there its events are committed in the order of their numbers.
  (process.env['TEST_MARIADB_SOCKET'] ? it : it.skip)('misses no event that is committed after one with a higher number', async () => {
    const slow = await store.enqueue(aNewRun());
    const quick = await store.enqueue(aNewRun());
    const listener = await listen(mira.browser);
    const transaction = (await web.database.connect()).createQueryRunner();
    await transaction.startTransaction();
    const cancel = `UPDATE queue SET state = 'cancelled', finished_ms = 1 WHERE id = ?`;
    await transaction.query(cancel, [slow.runId]);
    await store.requestCancel(quick.runId, 'x');
    await until(() => listener.news(quick.runId).some(({ state }) => state === 'cancelled'));
    expect(listener.news(slow.runId).some(({ state }) => state === 'cancelled')).toBe(false);
    await transaction.commitTransaction();
    await until(() => listener.news(slow.runId).some(({ state }) => state === 'cancelled'));
    await transaction.release();
  });

  it('lets one person have a few streams, and everybody else theirs', async () => {
    const many = await Promise.all(Array.from({ length: 7 }, () => listen(mira.browser)));
    expect(many.map(({ status }) => Number(status)).sort((one, other) => one - other)).toEqual([200, 200, 200, 200, 429, 429, 429]);
    expect((await listen(jonas.browser)).status).toBe(200);
    expect((await mira.browser.get('/queue')).status).toBe(200);
    many.find(({ status }) => status === 200)!.close();
    await until(() => streams() === 4);
    expect((await listen(mira.browser)).status).toBe(200);
  });

  it('ends with the log-in that it was opened with', async () => {
    web.app.get(EventStreams).checkEveryMs = 50;
    const leaver = await enter();
    const [left, stays] = [await listen(leaver.browser), await listen(jonas.browser)];
    await leaver.browser.postForm('/logout', {}, { page: '/queue' });
    await until(() => left.ended);
    expect(stays.ended).toBe(false);
  });

  describe('of one run', () => {
    it('tells its owner each change and ends with it', async () => {
      const project = aProject({ ownerId: mira.id });
      await web.app.get(ProjectsRepository).add(project);
      const { runId } = await store.enqueue(aNewRun({ ownerId: mira.id, projectId: project.id }));
      const listener = await listen(mira.browser, `/runs/${runId}/events`);
      await until(() => listener.events.length > 0);
      expect(listener.events[0]).toMatchObject({ event: 'run', data: { id: runId, state: 'queued' } });
      await store.requestCancel(runId, 'x');
      await until(() => listener.ended);
      expect(listener.events.at(-1)!.data).toMatchObject({ id: runId, state: 'cancelled' });
      expect((await listen(mira.browser, `/runs/${runId}/events`)).status).toBe(204);
    });

    it('ends for whoever is taken out of its project', async () => {
      web.app.get(EventStreams).checkEveryMs = 50;
      const project = aProject({ ownerId: mira.id, name: 'Shared' });
      await web.app.get(ProjectsRepository).add(project);
      const { runId } = await store.enqueue(aNewRun({ ownerId: jonas.id, projectId: project.id }));
      const members = web.app.get(DataSource).getRepository(ProjectMember);
      const member = { id: randomUUID(), projectId: project.id, kind: 'person', subject: jonas.id, label: 'jonas', role: 'run' } as const;
      await members.insert({ ...member, createdMs: 1 });
      const [owners, theirs] = [await listen(mira.browser, `/runs/${runId}/events`), await listen(jonas.browser, `/runs/${runId}/events`)];
      expect([owners.status, theirs.status]).toEqual([200, 200]);
      await members.delete({ projectId: project.id });
      await until(() => theirs.ended);
      expect(owners.ended).toBe(false);
      expect((await listen(jonas.browser, `/runs/${runId}/events`)).status).toBe(403);
      await store.requestCancel(runId, 'x');
    });

    it('is closed to others', async () => {
      const { runId } = await store.enqueue(aNewRun({ ownerId: mira.id }));
      expect((await listen(jonas.browser, `/runs/${runId}/events`)).status).toBe(403);
    });
  });

  it('ends when the server stops, at once', async () => {
    const other = await startTestWebApp();
    const browser = other.browser();
    await browser.signUp();
    const listener = await listen(browser);
    const begin = Date.now();
    await other.close();
    await until(() => listener.ended);
    expect(Date.now() - begin).toBeLessThan(5000);
  });
});
