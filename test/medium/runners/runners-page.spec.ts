import { randomUUID } from 'node:crypto';
import { PokeListener } from '../../../src/common/queue/poke-listener';
import { QueueStore, type NewRun, type RunnerIdentity } from '../../../src/common/queue/queue-store';
import { Runner } from '../../../src/common/queue/run.entity';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { DataSource } from 'typeorm';
import { aCapacity, aNewRun } from '../../factories';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const GIB = 1024;

describe('runners page', () => {
  let web: TestWebApp;
  let store: QueueStore;
  let admin: TestBrowser;
  let person: TestBrowser;

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'root@example.org', CONTACT_EMAIL: 'imaging@example.org' });
    store = web.app.get(QueueStore);
    admin = web.browser();
    await admin.signUp('root@example.org');
    person = web.browser();
    await person.signUp('mira@example.org');
  });
  afterEach(async () => {
    for (const run of await web.app.get(RunsRepository).listWaitingAndHeld()) {
      await store.requestCancel(run.id, 'Tidy.');
      await store.cancelStarting({ runId: run.id, fence: run.fence });
    }
    await web.app.get(DataSource).getRepository(Runner).clear();
  });
  afterAll(() => web?.close());

  const runner = async (name: string, over: Partial<RunnerIdentity> = {}): Promise<RunnerIdentity> => {
    const usual = aCapacity({ name, slots: 2, cpu: 8000, memory: 64 * GIB, engines: ['process'] });
    const identity = { ...usual, incarnation: randomUUID(), host: `${name}.lab`, bootId: 'b', pokeAddress: null, ...over };
    await store.registerRunner(identity);
    return identity;
  };
  const ask = async (over: Partial<NewRun> = {}) => (await store.enqueue(aNewRun(over))).runId;
  const words = (html: string) =>
    html
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  const row = async (name: string) => {
    const { body } = await admin.get('/admin/runners');
    return new RegExp(`<tr id="runner-${Buffer.from(name).toString('hex')}">[^]*?</tr>`).exec(body)?.[0] ?? '';
  };
  const steer = (name: string, mode: string) => admin.postForm('/admin/runners/mode', { runner: name, mode }, { page: '/admin/runners' });

  it('says that no runner was ever started, and how to start one', async () => {
    expect(words(mainOf(await admin.get('/admin/runners')))).toMatch(/No runner was ever started here.*node dist\/runner/);
  });

  it('shows what a runner has, what of it is taken, and by which runs', async () => {
    const identity = await runner('ws-core-1', { engines: ['process', 'slurm'], remoteSlots: 5, gpuIds: ['0', 'GPU-7'] });
    const id = await ask({ needs: { cpu: 2500, memory: 16 * GIB, gpus: 1 } });
    const job = await ask({ engine: 'slurm' });
    expect(await store.claim(identity, 2)).toHaveLength(2);
    const html = await row('ws-core-1');
    expect(words(html)).toMatch(/ws-core-1 on ws-core-1\.lab runs local programs and Slurm takes runs Last sign of life: just now/);
    expect(words(html)).toMatch(/1 of 2 1 of 5 elsewhere Taken: 2\.5 of 8 cores 17\.2 GB of 68\.7 GB/);
    expect(words(html)).toContain(`GPU 0 #${id} GPU-7 free`);
    expect(html).toContain(`href="/runs/${job}"`);
    expect(words(html)).toMatch(/Pause Finish and stop$/);
  });

  it('pauses, drains and resumes, says so, and wakes the runner so that it acts at once', async () => {
    let looks = 0;
    const ear = await PokeListener.open('127.0.0.1', () => (looks += 1));
    try {
      await runner('ws <1>', { pokeAddress: ear.address });
      const answer = await steer('ws <1>', 'paused');
      expect([answer.status, answer.location]).toEqual([303, '/admin/runners']);
      const { body } = await admin.get('/admin/runners');
      expect(body).toContain('ws &lt;1&gt; is paused. What runs there goes on; nothing new starts.');
      expect(words(await row('ws <1>'))).toMatch(/paused Paused by root just now .* Resume Finish and stop$/);
      await until(() => looks === 1);
      await steer('ws <1>', 'draining');
      expect(words(await row('ws <1>'))).toMatch(/finishes what it has Told to finish by root just now .* Resume$/);
      await steer('ws <1>', 'active');
      expect(words(await row('ws <1>'))).toMatch(/takes runs .* Pause Finish and stop$/);
    } finally {
      ear.close();
    }
  });

  it('tells what keeps a runner from taking runs', async () => {
    await store.beat(await runner('ws-1'), 'Its disk is nearly full.');
    expect(words(await row('ws-1'))).toContain('takes nothing Its disk is nearly full.');
  });

  it('shows who is gone, with what they still hold, and forgets who has been for long', async () => {
    const gone = await runner('gone');
    const id = await ask();
    await store.claim(gone, 1);
    await store.retireRunner(await runner('stopped'));
    await store.setRunnerMode('stopped', 'paused');
    await runner('old');
    const later = 'UPDATE runners SET beat_ms = beat_ms - ? WHERE name = ?';
    await web.app.get(DataSource).query(later, [600_000, 'gone']);
    await web.app.get(DataSource).query(later, [8 * 86_400_000, 'old']);
    expect(words(await row('gone'))).toMatch(
      new RegExp(`silent 1 run was on it when it was last heard\\. .* looks after it\\. Last sign of life: 10 min ago .* #${id}$`),
    );
    expect(words(await row('stopped'))).toMatch(/stopped It stays paused when it comes back\. .* Resume Remove$/);
    expect(await row('old')).toBe('');
  });

  describe('after a drain', () => {
    const drained = async (name: string, by = 'root') => {
      const identity = await runner(name);
      await store.setRunnerMode(name, 'draining', by);
      await store.retireRunner(identity);
    };

    it('says who drained the runner, and how it comes back, and that it can be resumed before', async () => {
      await drained('ws-1');
      const html = words(await row('ws-1'));
      expect(html).toMatch(
        /finished and stopped Start its service, or “node dist\/runner”, to have it back; it is paused then, until it is resumed\./,
      );
      expect(html).toMatch(/Told to finish by root just now/);
      expect(html).toContain('Resume');
      await steer('ws-1', 'active');
      expect(words((await admin.get('/admin/runners')).body)).toContain(
        'ws-1 is not paused any more. It takes runs when it is started again.',
      );
      await runner('ws-1');
      expect(words(await row('ws-1'))).toMatch(/takes runs Last sign/);
    });

    it('shows one that something started again as paused, by whoever drained it', async () => {
      await drained('ws-1');
      await runner('ws-1');
      expect(words(await row('ws-1'))).toMatch(/paused Paused by root just now .* Resume Finish and stop$/);
    });

    it('says on the pages of waiting runs that the runners were drained, to administrators by whom, and what helps', async () => {
      await ask();
      await drained('ws-1', 'root');
      await drained('ws-2', 'root');
      const mine = words(mainOf(await admin.get('/queue')));
      expect(mine).toMatch(
        /No runner is alive\. ws-1 and ws-2 were told by root to finish and stop just now \. Nothing starts until one is started again, and nothing is lost: start its service, or “node dist\/runner”, on a machine that shares the files, and resume it\./,
      );
      expect(mine).toMatch(
        /No runner is alive: ws-\d was told to finish and stop\. It waits until one is started again\. Told so just now/,
      );
      const theirs = words(mainOf(await person.get('/queue')));
      expect(theirs).toMatch(
        /No runner is alive\. ws-1 and ws-2 were told to finish and stop just now \. Nothing starts until one is back;/,
      );
      expect(theirs).not.toContain('root');
    });

    it('tells a runner that was stopped or is silent from one that was drained', async () => {
      await store.retireRunner(await runner('ws-1'));
      expect(words(mainOf(await admin.get('/queue')))).toMatch(
        /No runner is alive\. ws-1 was stopped; its last sign of life was just now \./,
      );
      await runner('ws-2');
      await web.app.get(DataSource).query("UPDATE runners SET beat_ms = beat_ms - 600000, mode = 'draining'");
      expect(words(mainOf(await admin.get('/queue')))).toMatch(/No runner is alive\. Last sign of life: ws-2, 10 min ago \./);
    });
  });

  it('says on the pages of waiting runs that their runners are paused, to administrators by whom, and not while one is only in trouble', async () => {
    const identity = await runner('ws-1');
    await ask();
    await store.setRunnerMode('ws-1', 'paused', 'root');
    expect(words(mainOf(await admin.get('/queue')))).toMatch(
      /1 run waits while ws-1 is paused\. Paused by root just now \. Resume it to go on\./,
    );
    expect(words(mainOf(await person.get('/queue')))).toMatch(
      /1 run waits while ws-1 is paused\. Paused just now \. Nothing is lost: it starts when a runner takes runs again\./,
    );
    await store.setRunnerMode('ws-1', 'active');
    await store.beat(identity, 'A start failed there.');
    expect(words(mainOf(await admin.get('/queue')))).not.toContain('Resume it');
  });

  it('does not say that a runner takes runs which only ceases to be paused when it comes back', async () => {
    await store.retireRunner(await runner('ws-1'));
    await store.setRunnerMode('ws-1', 'paused');
    await steer('ws-1', 'active');
    expect(words((await admin.get('/admin/runners')).body)).toContain(
      'ws-1 is not paused any more. It takes runs when it is started again.',
    );
  });

  it.each([
    ['an unknown runner', { runner: 'nobody', mode: 'paused' }, 404],
    ['an unknown mode', { runner: 'ws-1', mode: 'stopped' }, 422],
    ['no mode', { runner: 'ws-1' }, 422],
  ])('refuses %s', async (_what, fields, status) => {
    await runner('ws-1');
    expect((await admin.postForm('/admin/runners/mode', fields, { page: '/admin/runners' })).status).toBe(status);
    expect(words(await row('ws-1'))).toContain('takes runs');
  });

  it('is for administrators, and takes nothing without the token of its form', async () => {
    await runner('ws-1');
    expect((await person.get('/admin/runners')).status).toBe(403);
    expect((await person.postForm('/admin/runners/mode', { runner: 'ws-1', mode: 'paused' }, { page: '/queue' })).status).toBe(403);
    expect((await admin.postBody('/admin/runners/mode', 'runner=ws-1&mode=paused')).status).toBe(403);
    expect(words(await row('ws-1'))).toContain('takes runs');
    expect((await person.get('/queue')).body).not.toContain('/admin/runners');
  });

  describe('what only an administrator can set right', () => {
    it('is told to everybody on the queue page, and to each what they can do', async () => {
      await runner('ws-1');
      const id = await ask({ engine: 'slurm' });
      const [mine, theirs] = [words(mainOf(await admin.get('/queue'))), await person.get('/queue')];
      expect(mine).toContain(`1 run needs Slurm, which no runner offers. Add “slurm” to RUNNER_ENGINES`);
      expect(mine).toContain(`Runs that wait for it: #${id}`);
      expect(words(mainOf(theirs))).toContain('Nothing is lost: it waits until a runner offers it. Other runs go on.');
      expect(words(mainOf(theirs))).not.toContain('cancel the run');
      expect(theirs.body).toContain('href="mailto:imaging@example.org"');
      expect(mainOf(theirs)).not.toContain(`/runs/${id}`);
    });

    it('is told of runs that are too large, without telling others how large', async () => {
      await runner('ws-1');
      await ask({ needs: { cpu: 1000, memory: 128 * GIB, gpus: 0 } });
      expect(words(mainOf(await admin.get('/queue')))).toMatch(
        /Run #\d+ cannot start as things are\. It needs 137 GB of memory\. The runner that has most, ws-1, has 68\.7 GB\./,
      );
      const theirs = words(mainOf(await person.get('/queue')));
      expect(theirs).toContain(
        '1 run needs more than any runner that is alive has. It waits until there is a larger runner. Other runs go on.',
      );
      expect(theirs).not.toContain('137');
    });

    it('is told once where no runner is alive', async () => {
      await ask();
      await ask({ engine: 'slurm' });
      const page = words(mainOf(await admin.get('/admin/runners')));
      expect(page.match(/No runner is alive\./g)).toHaveLength(1);
      expect(page).not.toContain('needs Slurm');
    });
  });

  describe('Move to the front', () => {
    it('is an administrator’s, and puts a run before all others', async () => {
      const identity = await runner('ws-1', { slots: 1 });
      await ask({ ownerId: 'ada' });
      await store.claim(identity, 1);
      await ask({ ownerId: 'bob' });
      const late = await ask({ ownerId: 'ada' });
      const line = async () => /<tr id="run-(\d+)">/.exec((await admin.get('/queue')).body.split('id="queue-waiting"')[1] ?? '')?.[1];
      expect(await line()).not.toBe(String(late));
      expect((await person.get('/queue')).body).not.toContain('/front"');
      const { location } = await admin.postForm(`/runs/${late}/front`, { back: '/queue' }, { page: '/queue' });
      expect(location).toBe('/queue');
      expect((await admin.get('/queue')).body).toContain(`Run #${late} stands at the front of the line now.`);
      expect(await line()).toBe(String(late));
    });

    it('is offered for those runs alone that would start earlier', async () => {
      const identity = await runner('ws-1', { slots: 1 });
      const going = await ask({ ownerId: 'ada' });
      await store.claim(identity, 1);
      const next = await ask({ ownerId: 'bob' });
      const later = await ask({ ownerId: 'ada' });
      const stuck = await ask({ ownerId: 'cyd', engine: 'slurm' });
      const offered = async () => {
        const { body } = await admin.get('/queue');
        return [...body.matchAll(/action="\/runs\/(\d+)\/front"/g)].map(([, id]) => Number(id));
      };
      expect(await offered()).toEqual([later]);
      await admin.postForm(`/runs/${later}/front`, { back: '/queue' }, { page: '/queue' });
      expect(await offered()).toEqual([next]);
      await store.setRunnerMode('ws-1', 'paused');
      expect(await offered()).toEqual([]);
      expect((await admin.get('/queue')).body).toContain(`/runs/${going}/cancel`);
      // A page that is older than the pause.
      await admin.postForm(`/runs/${stuck}/front`, { back: '/queue' }, { page: '/queue' });
      expect(words((await admin.get('/queue')).body)).toContain(
        `Run #${stuck} goes before all others now, but that is not what it waits for. It needs Slurm, which no runner offers.`,
      );
    });

    it('tells when the run no longer waits', async () => {
      const identity = await runner('ws-1');
      const id = await ask();
      await store.claim(identity, 1);
      await admin.postForm(`/runs/${id}/front`, {}, { page: '/queue' });
      expect((await admin.get('/queue')).body).toContain(`Run #${id} no longer waits.`);
    });
  });
});
