import { randomUUID } from 'node:crypto';
import type { Glance, QueueStore } from '../../../src/common/queue/queue-store';
import { rankOfLevel } from '../../../src/common/queue/rank';
import { Runner } from '../../../src/common/queue/run.entity';
import { aNewRun } from '../../factories';
import { QueueStage } from './queue-stage';

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

const QUIET: Glance = { waiting: false, due: false, stopping: false, held: false, mail: false, mode: 'active' };
const tellAll = () => stage.sql('UPDATE run_events SET mailed = 1');

/** What a look says, and the same from a beat. */
async function look(): Promise<Glance> {
  const seen = await store.glance('first');
  expect(await store.beat(stage.runner)).toEqual(seen);
  return seen;
}

describe('a look, and a beat', () => {
  it('tell of nothing in an empty queue', async () => {
    expect(await look()).toEqual(QUIET);
    expect(await store.glance('nobody')).toEqual({ ...QUIET, mode: null });
  });

  it('tell of waiting runs, held runs, and runs of this runner that are to be stopped', async () => {
    const running = await stage.bring('running');
    await tellAll();
    expect(await look()).toEqual({ ...QUIET, held: true });
    await stage.enqueue();
    await store.requestCancel(running.runId, 'Cancelled by Ada.');
    await tellAll();
    expect(await look()).toEqual({ ...QUIET, waiting: true, stopping: true, held: true });
    expect(await store.glance('second')).toMatchObject({ waiting: true, stopping: false });
  });

  it('tell of a claimed run that is cancelled, and of a scheduled one only when its time has come', async () => {
    const { runId } = await stage.bring('scheduled');
    const { runId: claimed } = await stage.bring('starting');
    await store.requestCancel(claimed, 'Cancelled by Ada.');
    expect(await look()).toMatchObject({ due: false, stopping: true });
    await stage.sql('UPDATE queue SET available_ms = 1 WHERE id = ?', [runId]);
    expect(await look()).toMatchObject({ waiting: false, due: true });
  });

  it('tell of news without a mail and of mails that are due', async () => {
    await stage.enqueue();
    expect(await look()).toMatchObject({ mail: true });
    await tellAll();
    expect(await look()).toMatchObject({ mail: false });
    const columns = 'run_id, kind, attempt, recipient, subject, text_body, html_body, created_ms, next_try_ms, tries, sent_ms';
    await stage.sql(`INSERT INTO mails (${columns}) VALUES (1, 'finished', 1, 'ada@example.org', 's', 't', 'h', 1, 1, 0, NULL)`);
    expect(await look()).toMatchObject({ mail: true });
    await stage.sql('UPDATE mails SET sent_ms = 2');
    expect(await look()).toMatchObject({ mail: false });
  });

  it.each(['paused', 'draining', 'active'] as const)('tell that the runner is %s', async (mode) => {
    expect(await store.setRunnerMode('first', mode)).toBe(true);
    expect(await look()).toMatchObject({ mode });
  });

  it('keep the reason that a runner gives for taking nothing, while it gives it', async () => {
    const trouble = () => stage.dataSource.getRepository(Runner).findOneByOrFail({ name: 'first' });
    await store.beat(stage.runner, 'The disk is full.');
    expect((await trouble()).trouble).toBe('The disk is full.');
    await store.beat(stage.runner);
    expect((await trouble()).trouble).toBeNull();
  });
});

describe('the mode of a runner', () => {
  it.each(['paused', 'draining'] as const)('%s keeps it from new runs and leaves it those that it has', async (mode) => {
    const running = await stage.bring('running');
    const runId = await stage.enqueue();
    await store.setRunnerMode('first', mode);
    expect(await store.claim(stage.runner, 9)).toEqual([]);
    expect(await store.reportProgress(running, 10, null)).toBe(true);
    await store.setRunnerMode('first', 'active');
    expect((await store.claim(stage.runner, 9)).map((run) => run.id)).toEqual([runId]);
  });

  it('outlives a restart: what was drained is paused after a clean end, and drains on after any other', async () => {
    await store.setRunnerMode('first', 'paused');
    const { incarnation } = await stage.anotherRunner('first');
    expect(await store.beat({ name: 'first', incarnation })).toMatchObject({ mode: 'paused' });
    await store.setRunnerMode('first', 'draining', 'Ada');
    const second = await stage.anotherRunner('first');
    expect(await store.beat(second)).toMatchObject({ mode: 'draining' });
    await store.retireRunner(second);
    expect(await store.beat(await stage.anotherRunner('first'))).toMatchObject({ mode: 'paused' });
    const row = await stage.dataSource.getRepository(Runner).findOneByOrFail({ name: 'first' });
    expect(row).toMatchObject({ modeBy: 'Ada', stopped: false });
    await store.setRunnerMode('first', 'active');
    expect(await store.beat(await stage.anotherRunner('first'))).toMatchObject({ mode: 'active' });
  });

  it('is that of a runner that exists', async () => {
    expect(await store.setRunnerMode('nobody', 'paused')).toBe(false);
  });
});

describe('to the front', () => {
  it('goes a waiting run, before all that wait now, and stays there when asked again', async () => {
    const ids = [await stage.enqueue({ level: 3 }), await stage.enqueue({ level: -5 }), await stage.enqueue({ level: 3 })];
    expect(await store.toFront(ids[2])).toBe('moved');
    expect(await store.toFront(ids[2])).toBe('moved');
    expect((await stage.run(ids[2])).rank).toBe(rankOfLevel(-6));
    expect(await store.toFront(ids[0])).toBe('moved');
    expect((await store.claim(stage.runner, 9)).map((run) => run.id)).toEqual([ids[0], ids[2], ids[1]]);
  });

  it('goes a run alone in the queue without any change', async () => {
    const runId = await stage.enqueue({ level: 3 });
    expect(await store.toFront(runId)).toBe('moved');
    expect((await stage.run(runId)).rank).toBe(rankOfLevel(3));
  });

  it('goes a run whose time has not come, for when it has', async () => {
    await stage.enqueue();
    const { runId } = await stage.bring('scheduled');
    expect(await store.toFront(runId)).toBe('moved');
    expect(await stage.run(runId)).toMatchObject({ rank: rankOfLevel(-1), state: 'scheduled' });
  });

  it.each(['starting', 'running', 'unknown', 'succeeded'] as const)('goes no run that is %s', async (state) => {
    const { runId } = await stage.bring(state);
    await stage.enqueue({ level: -2_000_000 });
    const before = await stage.run(runId);
    expect(await store.toFront(runId)).toBe('not_waiting');
    expect(await stage.run(runId)).toEqual(before);
    expect(await store.toFront(4711)).toBe('not_found');
  });
});

it('counts what a person has waiting, and knows a submission', async () => {
  const ownerId = randomUUID();
  const asked = aNewRun({ ownerId });
  const { runId } = await store.enqueue(asked);
  await stage.enqueue({ ownerId, availableMs: (await store.nowMs()) + 3_600_000, level: 4 });
  await stage.bring('running', { ownerId });
  await stage.enqueue();
  expect(await store.waitingOf(ownerId)).toBe(2);
  expect(await store.findSubmission(asked.submissionId)).toBe(runId);
  expect(await store.findSubmission(randomUUID())).toBeNull();
});
