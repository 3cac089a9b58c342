import { randomUUID } from 'node:crypto';
import type { CancelOutcome, Lease, QueueStore } from '../../../src/common/queue/queue-store';
import { RUN_STATES, TRANSITIONS, type RunState, type TransitionName } from '../../../src/common/queue/run-state';
import { Run, RunDetails } from '../../../src/common/queue/run.entity';
import { aNewRun } from '../../factories';
import { HANDLE, STALE_SECONDS } from './queue-constants';
import { anEnding, aRunner, QueueStage } from './queue-stage';

type Step = (store: QueueStore, lease: Lease) => Promise<boolean>;

const OWNER_STEPS: Partial<Record<TransitionName, Step>> = {
  unclaim: (store, lease) => store.unclaim(lease, 'The disk is full.'),
  failStart: (store, lease) => store.failStart(lease, 'The pipeline is gone.'),
  authorise: (store, lease) => store.authorise(lease, HANDLE),
  discover: (store, lease) => store.discover(lease, HANDLE, 'It has begun.'),
  unstart: (store, lease) => store.unstart(lease),
  stop: (store, lease) => store.stop(lease, 'time_limit', 'Too long.'),
  finish: (store, lease) => store.finish(lease, anEnding('partial', { exitCode: 3, note: 'Two rows failed.' })),
  lose: (store, lease) => store.finish(lease, anEnding('lost', { exitCode: null, note: 'The machine was restarted.' })),
  retry: (store, lease) => store.retry(lease, 'Once more.'),
  disown: (store, lease) => store.disown(lease, 'It is on another machine.'),
  doubt: (store, lease) => store.doubt(lease, 'The host does not answer.'),
  regain: (store, lease) => store.regain(lease),
};

/** The way to these states under the same fence is the step itself, or looks like it: then it answers as a repetition. */
const REPETITIONS = new Set(['finish partial', 'lose lost', 'unstart cancelled']);

let stage: QueueStage;
let store: QueueStore;

beforeAll(async () => {
  stage = await QueueStage.open();
  store = stage.store;
});
afterEach(() => stage.expectLawfulHistory());
afterAll(() => stage.close());

describe('enqueue', () => {
  it('keeps what was asked for, under a number, with the clock of the database', async () => {
    const asked = aNewRun({ parameters: { sigma: 1.5, name: 'a=b, "c" 🙂' }, manifest: { id: 'nuclei' }, pipelineLimit: 3, maxStarts: 2 });
    const before = await store.nowMs();
    const { runId, created } = await store.enqueue(asked);
    const run = await stage.run(runId);
    expect(created).toBe(true);
    expect(run).toMatchObject({
      submissionId: asked.submissionId,
      state: 'queued',
      fence: 0,
      attempt: 0,
      starts: 0,
      maxStarts: 2,
      keep: false,
    });
    expect(run).toMatchObject({ pipelineLimit: 3, rank: 0, startedMs: null, finishedMs: null, runnerName: null });
    expect(run.requestedMs).toBeGreaterThanOrEqual(before);
    expect(run.requestedMs).toBeLessThanOrEqual(await store.nowMs());
    const details = await stage.dataSource.getRepository(RunDetails).findOneByOrFail({ runId });
    expect(details).toMatchObject({ parameters: asked.parameters, manifest: asked.manifest });
  });

  it('makes one run of one submission, however often and at the same time it is asked for', async () => {
    const other = await stage.anotherStore();
    const asked = aNewRun();
    const answers = await Promise.all([store.enqueue(asked), other.enqueue(asked), store.enqueue(asked), other.enqueue(asked)]);
    expect(new Set(answers.map((answer) => answer.runId)).size).toBe(1);
    expect(answers.filter((answer) => answer.created)).toHaveLength(1);
    expect(await stage.dataSource.getRepository(Run).countBy({ submissionId: asked.submissionId })).toBe(1);
    expect(await stage.dataSource.getRepository(RunDetails).countBy({ runId: answers[0].runId })).toBe(1);
  });

  it('lets no more runs of a person wait than may, however many ask at the same moment, and answers again for those that wait', async () => {
    const other = await stage.anotherStore();
    const ownerId = randomUUID();
    await store.enqueue(aNewRun({ ownerId, availableMs: (await store.nowMs()) + 3_600_000 }), 5);
    const asked = Array.from({ length: 24 }, () => aNewRun({ ownerId }));
    const answers = await Promise.allSettled(asked.map((run, index) => (index % 2 ? store : other).enqueue(run, 5)));
    const [accepted, refused] = [
      answers.filter(({ status }) => status === 'fulfilled'),
      answers.filter(({ status }) => status === 'rejected'),
    ];
    expect([accepted.length, await store.waitingOf(ownerId)]).toEqual([4, 5]);
    for (const { reason } of refused as PromiseRejectedResult[])
      expect(reason).toMatchObject({ key: 'run.tooManyWaiting', values: { most: 5 } });
    const first = asked[answers.findIndex(({ status }) => status === 'fulfilled')];
    expect(await store.enqueue(first, 5)).toMatchObject({ created: false });
    expect((await store.enqueue(aNewRun(), 5)).created).toBe(true);
    expect((await store.enqueue(aNewRun({ ownerId }), null)).created).toBe(true);
  });

  it('refuses parameters that one of the databases could not keep, and leaves no half of a run', async () => {
    const asked = aNewRun({ parameters: { text: 'ä'.repeat(40_000) } });
    await expect((async () => store.enqueue(asked))()).rejects.toMatchObject({ key: 'queue.detailsTooLong' });
    expect(await stage.dataSource.getRepository(Run).countBy({ submissionId: asked.submissionId })).toBe(0);
  });

  it('holds back what is asked for later, and releases it when its time has come', async () => {
    const { runId } = await stage.bring('scheduled');
    expect(await store.releaseDue()).toBe(0);
    expect((await stage.run(runId)).state).toBe('scheduled');
    await stage.sql('UPDATE queue SET available_ms = available_ms - 7200000 WHERE id = ?', [runId]);
    expect((await store.glance('first')).due).toBe(true);
    expect(await store.releaseDue()).toBe(1);
    expect(await store.releaseDue()).toBe(0);
    expect((await stage.run(runId)).state).toBe('queued');
    await store.requestCancel(runId, 'Tidy.');
  });

  it('queues at once what is asked for in the past', async () => {
    const runId = await stage.enqueue({ availableMs: 1 });
    expect((await stage.run(runId)).state).toBe('queued');
    await store.requestCancel(runId, 'Tidy.');
  });
});

describe.each(Object.keys(OWNER_STEPS) as TransitionName[])('%s', (name) => {
  const step = OWNER_STEPS[name]!;
  const transition = TRANSITIONS.find((candidate) => candidate.name === name)!;

  it.each(RUN_STATES)('on a run that is %s', async (state) => {
    // Two starts allowed and one used, so that a retry is possible.
    const lease = await stage.bring(state, { maxStarts: 2 });
    if (state === 'stopping' && name === 'retry')
      await stage.sql(`UPDATE queue SET cancel_requested_ms = NULL WHERE id = ?`, [lease.runId]);
    const allowed = transition.from.includes(state);
    const before = await stage.run(lease.runId);

    for (const fence of [lease.fence - 1, lease.fence + 1]) expect(await step(store, { ...lease, fence })).toBe(false);
    expect(await stage.run(lease.runId)).toEqual(before);

    const answer = allowed || REPETITIONS.has(`${name} ${state}`);
    expect(await step(store, lease)).toBe(answer);
    const after = await stage.run(lease.runId);
    if (allowed) expect(transition.to).toContain(after.state);
    else expect(after).toEqual(before);
    const told = await stage.events(lease.runId);

    // Asked again, as after a lost connection: the same answer, and nothing happens a second time.
    expect(await step(store, lease)).toBe(answer);
    expect(await stage.run(lease.runId)).toEqual(after);
    expect(await stage.events(lease.runId)).toEqual(told);
    await store.requestCancel(lease.runId, 'Tidy.');
  });
});

describe('starting', () => {
  it('is authorised once, with its handle, and counted', async () => {
    const lease = await stage.bring('starting');
    expect(await store.authorise(lease, HANDLE)).toBe(true);
    const run = await stage.run(lease.runId);
    expect(run).toMatchObject({ state: 'running', starts: 1, handle: HANDLE });
    expect(run.startedMs).not.toBeNull();
  });

  it('is never authorised beyond the starts that are allowed', async () => {
    const lease = await stage.bring('starting');
    await stage.sql('UPDATE queue SET starts = 1 WHERE id = ?', [lease.runId]);
    expect(await store.authorise(lease, HANDLE)).toBe(false);
    expect((await stage.run(lease.runId)).state).toBe('starting');
  });

  it('is not authorised when a cancel was asked for, and can then be cancelled', async () => {
    const lease = await stage.bring('starting');
    expect(await store.cancelStarting(lease)).toBe(false);
    expect(await store.requestCancel(lease.runId, 'Cancelled by Ada.')).toBe('stopping');
    expect((await store.glance('first')).stopping).toBe(true);
    expect(await store.authorise(lease, HANDLE)).toBe(false);
    expect(await store.cancelStarting(lease)).toBe(true);
    expect(await store.cancelStarting(lease)).toBe(true);
    expect(await stage.run(lease.runId)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada.', starts: 0 });
  });

  it('is given back four times and fails at the fifth', async () => {
    const first = await stage.bring('starting');
    const { runId } = first;
    let { fence } = first;
    for (let count = 1; count <= 4; count += 1) {
      expect(await store.unclaim({ runId, fence }, `Failure ${count}.`)).toBe(true);
      expect(await stage.run(runId)).toMatchObject({ state: 'queued', startFailures: count, runnerName: null });
      fence = (await store.claim(stage.runner, 1))[0].fence;
    }
    expect(await store.unclaim({ runId, fence }, 'Failure 5.')).toBe(true);
    expect(await stage.run(runId)).toMatchObject({ state: 'failed', note: 'Failure 5.', starts: 0, attempt: 5 });
  });

  it('ends cancelled when it is given back after a cancel was asked for', async () => {
    const lease = await stage.bring('starting');
    await store.requestCancel(lease.runId, 'Cancelled by Ada.');
    expect(await store.unclaim(lease, 'No space.')).toBe(true);
    expect(await stage.run(lease.runId)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada.' });
  });

  it('is unknown, keeps its GPUs and counts as started once it is discovered to have begun', async () => {
    const lease = await stage.bring('starting');
    await stage.sql(`UPDATE queue SET gpu_ids = '1' WHERE id = ?`, [lease.runId]);
    expect(await store.discover(lease, HANDLE, 'It has begun.')).toBe(true);
    const run = await stage.run(lease.runId);
    expect(run).toMatchObject({ state: 'unknown', note: 'It has begun.', starts: 1, handle: HANDLE, gpuIds: '1', stopReason: null });
    expect(run).toMatchObject({ runnerName: 'first', startedMs: expect.any(Number), finishedMs: null });
    expect(await store.authorise(lease, HANDLE)).toBe(false);
    expect(await store.unclaim(lease, 'Lost.')).toBe(false);
    expect(await store.regain(lease)).toBe(true);
    expect((await stage.run(lease.runId)).state).toBe('running');
    await store.finish(lease, anEnding('succeeded'));
  });

  it('goes on stopping when it is discovered after a cancel was asked for, and ends by that', async () => {
    const lease = await stage.bring('starting');
    await store.requestCancel(lease.runId, 'Cancelled by Ada.');
    expect(await store.discover(lease, null, 'It has begun.')).toBe(true);
    expect(await stage.run(lease.runId)).toMatchObject({ state: 'unknown', stopReason: 'cancel', handle: null });
    expect(await store.retry(lease, 'Once more.')).toBe(false);
    expect(await store.regain(lease)).toBe(true);
    expect((await stage.run(lease.runId)).state).toBe('stopping');
    await store.finish(lease, anEnding('cancelled'));
  });

  it('is discovered also where no start is left, and then never tried again', async () => {
    const lease = await stage.bring('starting');
    await stage.sql('UPDATE queue SET starts = 1 WHERE id = ?', [lease.runId]);
    expect(await store.discover(lease, HANDLE, 'It has begun.')).toBe(true);
    expect(await stage.run(lease.runId)).toMatchObject({ state: 'unknown', starts: 1 });
    expect(await store.retry(lease, 'Once more.')).toBe(false);
    await store.finish(lease, anEnding('failed'));
  });

  it('does not authorise again what was unstarted under the same fence', async () => {
    const lease = await stage.bring('starting');
    await store.authorise(lease, HANDLE);
    expect(await store.unstart(lease)).toBe(true);
    expect(await stage.run(lease.runId)).toMatchObject({ state: 'queued', starts: 0, handle: null, startedMs: null });
    expect(await store.authorise(lease, HANDLE)).toBe(false);
    await store.requestCancel(lease.runId, 'Tidy.');
  });

  it('ends cancelled when it is unstarted after a cancel was asked for', async () => {
    const lease = await stage.bring('running');
    await store.requestCancel(lease.runId, 'Cancelled by Ada.');
    expect(await store.unstart(lease)).toBe(true);
    expect(await stage.run(lease.runId)).toMatchObject({ state: 'cancelled', starts: 0, note: 'Cancelled by Ada.' });
  });
});

describe('requestCancel', () => {
  it.each<[RunState, CancelOutcome, RunState]>([
    ['scheduled', 'cancelled', 'cancelled'],
    ['queued', 'cancelled', 'cancelled'],
    ['starting', 'stopping', 'starting'],
    ['running', 'stopping', 'stopping'],
    ['stopping', 'stopping', 'stopping'],
    ['unknown', 'stopping', 'unknown'],
    ['succeeded', 'already_final', 'succeeded'],
    ['lost', 'already_final', 'lost'],
    ['cancelled', 'cancelled', 'cancelled'],
  ])('on a run that is %s answers %s and leaves it %s, as often as it is asked', async (state, outcome, after) => {
    const { runId } = await stage.bring(state);
    expect(await store.requestCancel(runId, 'Cancelled by Ada.')).toBe(outcome);
    const first = await stage.run(runId);
    expect(first.state).toBe(after);
    expect(await store.requestCancel(runId, 'Cancelled by Bob.')).toBe(outcome);
    expect(await stage.run(runId)).toEqual(first);
  });

  it('tells a number that does not exist', async () => {
    expect(await store.requestCancel(2_000_000, 'Cancelled by Ada.')).toBe('not_found');
  });

  it('keeps the evidence of an unknown run, which goes on stopping when it is found again', async () => {
    const lease = await stage.bring('unknown');
    await store.requestCancel(lease.runId, 'Cancelled by Ada.');
    expect(await stage.run(lease.runId)).toMatchObject({ note: 'The host does not answer.', stopReason: 'cancel' });
    expect(await store.regain(lease)).toBe(true);
    expect((await stage.run(lease.runId)).state).toBe('stopping');
    expect((await store.glance('first')).stopping).toBe(true);
    await store.finish(lease, anEnding('cancelled'));
  });

  it('forbids another attempt, also of a run that the time limit stops', async () => {
    const lease = await stage.bring('running', { maxStarts: 3 });
    await store.stop(lease, 'time_limit', 'Too long.');
    await store.requestCancel(lease.runId, 'Cancelled by Ada.');
    expect((await stage.run(lease.runId)).stopReason).toBe('time_limit');
    expect(await store.retry(lease, 'Once more.')).toBe(false);
    await store.finish(lease, anEnding('timed_out'));
  });

  it('keeps who cancelled as the last word on a run that is then killed', async () => {
    const lease = await stage.bring('running');
    await store.requestCancel(lease.runId, 'Cancelled by Ada.');
    await store.finish(lease, { state: 'cancelled', exitCode: 143, note: null });
    expect(await stage.run(lease.runId)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada.', exitCode: 143 });
  });
});

describe('retry', () => {
  it('queues another attempt with nothing left of the first, until the starts are used up', async () => {
    const lease = await stage.bring('running', { maxStarts: 2 });
    await store.reportProgress(lease, 40, 'four of ten');
    expect(await store.retry(lease, 'Failed with status 7; trying again.')).toBe(true);
    expect(await stage.run(lease.runId)).toMatchObject({ state: 'queued', starts: 1, handle: null, progress: null, runnerName: null });
    const again = (await store.claim(stage.runner, 1))[0];
    expect(again).toMatchObject({ id: lease.runId, attempt: 2, fence: lease.fence + 1 });
    expect(await store.authorise({ runId: again.id, fence: again.fence }, HANDLE)).toBe(true);
    expect(await store.retry({ runId: again.id, fence: again.fence }, 'Again.')).toBe(false);
    expect(await store.finish({ runId: again.id, fence: again.fence }, anEnding('failed'))).toBe(true);
  });
});

describe('reportProgress', () => {
  it('is shown while it runs, and written by the owner alone', async () => {
    const lease = await stage.bring('running');
    expect(await store.reportProgress(lease, 41.6, 'x'.repeat(500))).toBe(true);
    const run = await stage.run(lease.runId);
    expect(run.progress).toBe(42);
    expect(run.progressText).toHaveLength(200);
    expect(await store.reportProgress({ ...lease, fence: lease.fence - 1 }, 50, null)).toBe(false);
    await store.finish(lease, anEnding('succeeded'));
    expect(await store.reportProgress(lease, 100, null)).toBe(false);
  });
});

describe('runners', () => {
  it('learn that a newer process has their name, and then get nothing more', async () => {
    const old = await stage.anotherRunner('twin');
    expect(await store.beat(old)).toMatchObject({ mode: 'active' });
    expect(await store.beat(old)).toMatchObject({ mode: 'active' });
    const young = await stage.anotherRunner('twin');
    expect(await store.beat(old)).toBe('replaced');
    expect(await store.beat(young)).toMatchObject({ mode: 'active' });
    const runId = await stage.enqueue({ level: -10 });
    expect(await store.claim(old, 1)).toEqual([]);
    await store.retireRunner(old);
    expect((await store.claim(young, 1)).map((run) => run.id)).toEqual([runId]);
  });

  it('get nothing before they are registered and after they have retired', async () => {
    const runId = await stage.enqueue({ level: -10 });
    expect(await store.claim(aRunner('stranger'), 1)).toEqual([]);
    const brief = await stage.anotherRunner('brief');
    await store.retireRunner(brief);
    expect(await store.claim(brief, 1)).toEqual([]);
    await store.requestCancel(runId, 'Tidy.');
  });

  it('are silent by the clock of the database', async () => {
    const lease = await stage.bring('running');
    await stage.silence('first');
    const held = (await store.held()).find(({ run }) => run.id === lease.runId);
    expect(held?.owner?.silentMs).toBeGreaterThanOrEqual(3_600_000);
    expect(held?.owner).toMatchObject({ host: 'lab1', bootId: 'boot-1', stopped: false, incarnation: stage.runner.incarnation });
    expect(held?.run).toEqual(await stage.run(lease.runId));
    await store.beat(stage.runner);
  });
});

describe('takeOver', () => {
  const take = (lease: Lease, runner = stage.runner) => store.takeOver(lease, runner, STALE_SECONDS);

  it.each<RunState>(['starting', 'running', 'stopping', 'unknown'])('keeps a run %s and gives it a new owner and fence', async (state) => {
    const heir = await stage.anotherRunner(`heir-${state}`);
    const lease = await stage.bring(state);
    if (state !== 'unknown') expect(await take(lease, heir)).toBeNull();
    if (state !== 'unknown') await stage.silence('first');
    expect(await take({ ...lease, fence: lease.fence - 1 }, heir)).toBeNull();
    const taken = await take(lease, heir);
    expect(taken).toMatchObject({ id: lease.runId, state, runnerName: heir.name, fence: lease.fence + 1 });
    expect(await store.finish(lease, anEnding('succeeded'))).toBe(false);
    expect(await take(lease, heir)).toBeNull();
    await store.beat(stage.runner);
  });

  it.each<RunState>(['queued', 'scheduled', 'succeeded', 'cancelled'])('takes nothing that is %s', async (state) => {
    const lease = await stage.bring(state);
    expect(await take(lease)).toBeNull();
    await store.requestCancel(lease.runId, 'Tidy.');
  });

  it('needs no silence when the owner retired, is gone, or was an older process of the same name', async () => {
    const heir = await stage.anotherRunner('heir');
    const retired = await stage.bring('running');
    await store.retireRunner(stage.runner);
    expect(await take(retired, heir)).not.toBeNull();
    await store.registerRunner(stage.runner);

    const orphan = await stage.bring('running');
    await stage.sql('UPDATE queue SET runner_name = ? WHERE id = ?', ['nobody', orphan.runId]);
    expect(await take(orphan, heir)).not.toBeNull();

    const own = await stage.bring('running');
    const reborn = await stage.anotherRunner('first');
    expect(await take(own, stage.runner)).toBeNull();
    expect(await take(own, reborn)).not.toBeNull();
    await store.registerRunner(stage.runner);
  });
});

describe('the record', () => {
  it('of a final run never changes, whoever tries, but may be kept', async () => {
    const { runId } = await stage.bring('succeeded');
    for (const change of [
      `state = 'queued', finished_ms = NULL`,
      `note = 'x'`,
      'starts = 0',
      'exit_code = 9',
      'finished_ms = 5',
      'fence = 99',
    ]) {
      await expect(stage.sql(`UPDATE queue SET ${change} WHERE id = ${runId}`)).rejects.toThrow(/a final row never changes/);
    }
    await stage.sql(`UPDATE queue SET keep = 1 WHERE id = ${runId}`);
    expect(await stage.run(runId)).toMatchObject({ state: 'succeeded', keep: true });
  });

  it('cannot end without a time, start too often, lose a fence, or be deleted alive', async () => {
    const { runId } = await stage.bring('running');
    await expect(stage.sql(`UPDATE queue SET state = 'failed' WHERE id = ${runId}`)).rejects.toThrow(/only a final row has an end/);
    await expect(stage.sql(`UPDATE queue SET starts = 2 WHERE id = ${runId}`)).rejects.toThrow(/ck_queue_starts/);
    await expect(stage.sql(`UPDATE queue SET fence = fence - 1 WHERE id = ${runId}`)).rejects.toThrow(/no fence goes back/);
    await expect(stage.sql(`DELETE FROM queue WHERE id = ${runId}`)).rejects.toThrow(/is never deleted/);
    if (!stage.isSqlite) {
      const copy = `REPLACE INTO queue SELECT * FROM queue WHERE id = ${runId}`;
      await expect(stage.sql(copy)).rejects.toThrow(/is never deleted/);
    }
  });

  it('has one event for each row of a statement that moves many', async () => {
    const ids = [await stage.enqueue(), await stage.enqueue(), await stage.enqueue()];
    const claimed = (await store.claim(stage.runner, 50)).map((run) => run.id);
    expect(claimed).toEqual(expect.arrayContaining(ids));
    for (const id of ids) expect((await stage.events(id)).map((event) => event.toState)).toEqual(['queued', 'starting']);
  });

  it('declares only unknown runs lost, and takes them from whoever follows them', async () => {
    const running = await stage.bring('running');
    expect(await store.declareLost(running.runId, 'Ada says so.')).toBe('not_unknown');
    const unknown = await stage.bring('unknown');
    expect(await store.declareLost(unknown.runId, 'Ada says so.')).toBe('lost');
    expect(await stage.run(unknown.runId)).toMatchObject({ state: 'lost', note: 'Ada says so.', fence: unknown.fence + 1 });
    expect((await stage.run(unknown.runId)).finishedMs).toBeGreaterThan(0);
    expect((await stage.events(unknown.runId)).at(-1)).toMatchObject({ fromState: 'unknown', toState: 'lost' });
    expect(await store.regain(unknown)).toBe(false);
    expect(await store.finish(unknown, anEnding('succeeded'))).toBe(false);
    expect(await store.declareLost(unknown.runId, 'Ada says it again.')).toBe('lost');
    expect((await stage.run(unknown.runId)).note).toBe('Ada says so.');
    expect(await store.declareLost(999_999, 'x')).toBe('not_found');
  });

  it('keeps a note within its column, and characters whole', async () => {
    const lease = await stage.bring('running');
    expect(await store.doubt(lease, '🙂'.repeat(2000))).toBe(true);
    const { note } = await stage.run(lease.runId);
    expect(note).toMatch(/^(🙂)+…$/u);
    expect(note!.length).toBeLessThanOrEqual(1000);
  });
});

it('knows a submission by its id after the store was opened anew', async () => {
  const submissionId = randomUUID();
  const first = await store.enqueue(aNewRun({ submissionId }));
  const other = await stage.anotherStore();
  expect(await other.enqueue(aNewRun({ submissionId }))).toEqual({ runId: first.runId, created: false });
});
