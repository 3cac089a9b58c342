import { randomUUID } from 'node:crypto';
import type { QueueStore } from '../../../src/common/queue/queue-store';
import { HELD_STATES } from '../../../src/common/queue/run-state';
import { Run } from '../../../src/common/queue/run.entity';
import { User } from '../../../src/common/users/user.entity';
import { aGuest, aNewRun, aUser } from '../../factories';
import { ClaimerProcess } from './claimer-process';
import { HANDLE } from './queue-constants';
import { anEnding, QueueStage } from './queue-stage';

let stage: QueueStage;
let store: QueueStore;

beforeEach(async () => {
  stage = await QueueStage.open();
  store = stage.store;
});
afterEach(async () => {
  await stage.expectLawfulHistory();
  await stage.close();
});

const numbers = (runs: Run[]) => runs.map((run) => run.id);

describe('the order of claims', () => {
  it('is that of rank, then of age', async () => {
    const ownerId = randomUUID();
    const late = await stage.enqueue({ ownerId, level: 5 });
    const first = await stage.enqueue({ ownerId });
    const second = await stage.enqueue({ ownerId, pipelineId: 'aaa' });
    const third = await stage.enqueue({ ownerId });
    const urgent = await stage.enqueue({ ownerId, level: -1 });
    expect(numbers(await store.claim(stage.runner, 3))).toEqual([urgent, first, second]);
    expect(numbers(await store.claim(stage.runner, 1))).toEqual([third]);
    expect(numbers(await store.claim(stage.runner, 9))).toEqual([late]);
    expect(await store.claim(stage.runner, 9)).toEqual([]);
  });

  it('gives a person with one run their turn beside a person with 98 % of the queue', async () => {
    const [busy, calm, shy] = [randomUUID(), randomUUID(), randomUUID()];
    const flood: number[] = [];
    for (let count = 0; count < 98; count += 1) flood.push(await stage.enqueue({ ownerId: busy, pipelineId: `p${count % 3}` }));
    const calmRun = await stage.enqueue({ ownerId: calm });
    const shyRun = await stage.enqueue({ ownerId: shy });
    expect(numbers(await store.claim(stage.runner, 1))).toEqual([flood[0]]);
    expect(numbers(await store.claim(stage.runner, 2))).toEqual([calmRun, shyRun]);
    expect(numbers(await store.claim(stage.runner, 4))).toEqual(flood.slice(1, 5));
  });

  it('gives a person with one run the next turn also where one run at a time is carried out', async () => {
    const [busy, calm] = [randomUUID(), randomUUID()];
    for (let count = 0; count < 5; count += 1) await stage.enqueue({ ownerId: busy });
    const one = await stage.anotherRunner('one', { slots: 1 });
    const [first] = await store.claim(one, 1);
    const calmRun = await stage.enqueue({ ownerId: calm });
    expect(await store.claim(one, 1)).toEqual([]);
    await store.failStart({ runId: first.id, fence: first.fence }, 'Gone.');
    expect(numbers(await store.claim(one, 1))).toEqual([calmRun]);
  });

  it('lets guests have as many runs at once as the limit of guests says, whoever came first', async () => {
    const [guest, person, favoured] = [aGuest(), aUser(), aGuest()];
    await stage.dataSource.getRepository(User).insert([guest, person, favoured]);
    const limits = { perOwner: null, ofGuests: 1, ofOwners: new Map([[favoured.id, 2]]) };
    const guests = [await stage.enqueue({ ownerId: guest.id }), await stage.enqueue({ ownerId: guest.id, pipelineId: 'other' })];
    const persons = [await stage.enqueue({ ownerId: person.id }), await stage.enqueue({ ownerId: person.id })];
    const many: number[] = [];
    for (let count = 0; count < 3; count += 1) many.push(await stage.enqueue({ ownerId: favoured.id }));
    const first = await store.claim(stage.runner, 1, limits);
    expect(numbers(first)).toEqual([guests[0]]);
    expect(numbers(await store.claim(stage.runner, 9, limits)).toSorted((one, other) => one - other)).toEqual([
      ...persons,
      ...many.slice(0, 2),
    ]);
    expect(await store.claim(stage.runner, 9, limits)).toEqual([]);
    const lease = { runId: first[0].id, fence: first[0].fence };
    await store.authorise(lease, HANDLE);
    await store.finish(lease, anEnding('succeeded'));
    expect(numbers(await store.claim(stage.runner, 9, limits))).toEqual([guests[1]]);
  });

  it('finds what stands behind runs that the runner cannot take, in however many lines', async () => {
    const wanted: number[] = [];
    for (let count = 0; count < 130; count += 1) {
      const ownerId = randomUUID();
      await stage.enqueue({ ownerId, engine: 'docker' });
      wanted.push(await stage.enqueue({ ownerId }));
    }
    const wide = await stage.anotherRunner('wide', { slots: 200, engines: ['process'] });
    expect(numbers(await store.claim(wide, 200)).sort((one, other) => one - other)).toEqual(wanted);
  });

  it('counts what the person holds on all runners, and forgets what has ended', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const elsewhere = await stage.anotherRunner('second');
    await stage.enqueue({ ownerId: one });
    const [held] = await store.claim(elsewhere, 1);
    const ofOne = await stage.enqueue({ ownerId: one });
    const ofOther = await stage.enqueue({ ownerId: other });
    expect(numbers(await store.claim(stage.runner, 1))).toEqual([ofOther]);
    await store.failStart({ runId: held.id, fence: held.fence }, 'Gone.');
    await stage.enqueue({ ownerId: other });
    expect(numbers(await store.claim(stage.runner, 1))).toEqual([ofOne]);
  });

  it('does not let a pipeline at its limit keep others waiting behind it', async () => {
    const ownerId = randomUUID();
    const narrow = { ownerId, pipelineId: 'narrow', pipelineLimit: 1 };
    const first = await stage.enqueue(narrow);
    for (let count = 0; count < 20; count += 1) await stage.enqueue(narrow);
    const free = await stage.enqueue({ ownerId, pipelineId: 'wide' });
    const claimed = await store.claim(stage.runner, 5);
    expect(numbers(claimed)).toEqual([first, free]);
    const lease = { runId: first, fence: claimed[0].fence };
    await store.authorise(lease, HANDLE);
    await store.doubt(lease, 'The host does not answer.');
    expect(await store.claim(stage.runner, 5)).toEqual([]);
    await store.finish(lease, anEnding('lost'));
    expect(await store.claim(stage.runner, 5)).toHaveLength(1);
  });

  it('returns the run as it then stands', async () => {
    const runId = await stage.enqueue();
    const [run] = await store.claim(stage.runner, 1);
    expect(run).toEqual(await stage.run(runId));
    expect(run).toMatchObject({ state: 'starting', fence: 1, attempt: 1, starts: 0, runnerName: 'first' });
  });
});

describe('what a run needs', () => {
  it('gives a GPU of a machine once, whatever its runners call themselves and that machine, and the GPUs of two machines apart', async () => {
    const boots = ['13d16e44-d5a1-4400-9358-bbe8198de44b', '5f1c2b7e-0000-4000-8000-000000000001'];
    // As runners in containers have them: names of hosts and spaces of processes of their own, the kernel of the machine.
    const [one, other, far] = await Promise.all([
      stage.anotherRunner('one', { host: '0a1b2c', bootId: `${boots[0]}/4026531836`, gpuIds: ['0'] }),
      stage.anotherRunner('other', { host: '3d4e5f', bootId: `${boots[0]}/4026532999`, gpuIds: ['0'] }),
      stage.anotherRunner('far', { host: '0a1b2c', bootId: `${boots[1]}/4026531836`, gpuIds: ['0', 'GPU-8f6d'] }),
    ]);
    const needs = { cpu: 100, memory: 0, gpus: 1 };
    for (let count = 0; count < 4; count += 1) await stage.enqueue({ needs });
    expect(await store.claim(one, 1)).toMatchObject([{ gpuIds: '0' }]);
    expect(await store.claim(other, 1)).toEqual([]);
    expect(await store.claim(far, 1)).toMatchObject([{ gpuIds: '0' }]);
    expect(await store.claim(far, 1)).toMatchObject([{ gpuIds: 'GPU-8f6d' }]);
    // A name that there is once in the world needs no machine.
    const seesAll = await stage.anotherRunner('sees all', { bootId: 'boot-2', gpuIds: ['GPU-8f6d'] });
    expect(await store.claim(seesAll, 1)).toEqual([]);
  });

  it('hides nothing that stands behind it, where its runner can never have so much', async () => {
    const ownerId = randomUUID();
    for (let count = 0; count < 3; count += 1) await stage.enqueue({ ownerId, needs: { cpu: 1000, memory: 0, gpus: 9 } });
    const behind = await stage.enqueue({ ownerId });
    expect(numbers(await store.claim(stage.runner, 1))).toEqual([behind]);
    const great = await stage.anotherRunner('great', { gpuIds: Array.from({ length: 9 }, (_, index) => String(index)) });
    const [run] = await store.claim(great, 9);
    expect(run.gpuIds).toBe('0,1,2,3,4,5,6,7,8');
    expect(await store.claim(great, 9)).toEqual([]);
  });

  it('is saved on one runner after a while, as the rows tell', async () => {
    const small = await stage.anotherRunner('small', { slots: 2, cpu: 2000 });
    const first = await stage.enqueue({ ownerId: 'ada' });
    expect(numbers(await store.claim(small, 1))).toEqual([first]);
    const big = await stage.enqueue({ ownerId: 'big', needs: { cpu: 2000, memory: 0, gpus: 0 } });
    const next = await stage.enqueue({ ownerId: 'ada' });
    await stage.sql('UPDATE queue SET available_ms = available_ms - 3600000 WHERE id = ?', [big]);
    await store.retireRunner(stage.runner);
    expect(await store.claim(small, 1)).toEqual([]);
    await store.failStart({ runId: first, fence: 1 }, 'Gone.');
    expect(numbers(await store.claim(small, 1))).toEqual([big]);
    expect(await store.claim(small, 1)).toEqual([]);
    await store.failStart({ runId: big, fence: 1 }, 'Gone.');
    expect(numbers(await store.claim(small, 1))).toEqual([next]);
  });
});

describe('six processes', () => {
  const LIMITS: Record<string, number> = { one: 1, three: 3, seven: 7 };
  const ROUNDS = 4;
  let claimers: ClaimerProcess[];

  beforeEach(async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    claimers = await Promise.all(names.map((name) => ClaimerProcess.start(name, stage.database.environment)));
  }, 60_000);
  afterEach(async () => {
    for (const claimer of claimers) await claimer.stop();
  });

  it('together reach each limit exactly, round after round, and never share a run', async () => {
    const owners = [randomUUID(), randomUUID(), randomUUID()];
    for (const [pipelineId, pipelineLimit] of Object.entries(LIMITS)) {
      for (let count = 0; count < pipelineLimit * (ROUNDS + 1); count += 1) {
        await store.enqueue(aNewRun({ pipelineId, pipelineLimit, ownerId: owners[count % 3] }));
      }
    }
    const seen = new Set<number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const claimed = (await Promise.all(claimers.map((claimer, index) => (index % 2 ? claimer.fill() : fillBy(claimer, 5))))).flat();
      expect(await usage()).toEqual(LIMITS);
      expect(new Set(claimed).size).toBe(claimed.length);
      for (const id of claimed) {
        expect(seen).not.toContain(id);
        seen.add(id);
      }
      const finished = (await Promise.all(claimers.map((claimer) => claimer.finish()))).flat();
      expect(new Set(finished)).toEqual(new Set(claimed));
    }
  }, 60_000);

  it('claim and finish all runs of a shared queue once each', async () => {
    const ids: number[] = [];
    for (let count = 0; count < 120; count += 1) ids.push(await stage.enqueue({ ownerId: `owner-${count % 5}` }));
    const work = async (claimer: ClaimerProcess): Promise<number[]> => {
      const mine: number[] = [];
      for (let more = await claimer.claim(3); more.length > 0; more = await claimer.claim(3)) {
        mine.push(...more);
        await claimer.finish();
      }
      return mine;
    };
    const done = (await Promise.all(claimers.map(work))).flat();
    // A claim may come back empty because others were quicker; what is left then is nobody's.
    const left = await stage.dataSource.getRepository(Run).findBy({ state: 'queued' });
    const all = [...done, ...left.map((run) => run.id)];
    expect(all).toHaveLength(ids.length);
    expect(new Set(all)).toEqual(new Set(ids));
    const twice = await stage.sql(`SELECT run_id FROM run_events WHERE to_state = 'running' GROUP BY run_id HAVING COUNT(*) > 1`);
    expect(twice).toEqual([]);
  }, 60_000);

  async function fillBy(claimer: ClaimerProcess, places: number): Promise<number[]> {
    const ids: number[] = [];
    for (let more = await claimer.claim(places); more.length > 0; more = await claimer.claim(places)) ids.push(...more);
    return ids;
  }

  async function usage(): Promise<Record<string, number>> {
    const runs = await stage.dataSource.getRepository(Run).find();
    const counts: Record<string, number> = {};
    for (const run of runs) {
      if ((HELD_STATES as readonly string[]).includes(run.state)) counts[run.pipelineId] = (counts[run.pipelineId] ?? 0) + 1;
    }
    return counts;
  }
});
