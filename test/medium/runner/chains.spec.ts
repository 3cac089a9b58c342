import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mail } from '../../../src/common/mail/mail.entity';
import { RunDetails } from '../../../src/common/queue/run.entity';
import type { Manifest, Parameter } from '../../../src/common/pipelines/manifest';
import { User } from '../../../src/common/users/user.entity';
import { aNewRun, aUser } from '../../factories';
import { startMailServer, type TestMailServer } from '../../mail-server';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const BASE = { label: 'Tables', help: '', required: true, advanced: false };

function reads(...parameters: Parameter[]): Partial<Manifest> {
  const parts = parameters
    .filter(({ type }) => type !== 'string')
    .map(({ name }) => ({ kind: 'value', parameter: name, flag: null, style: 'bare' }) as const);
  return { parameters, arguments: parts };
}

const ONE: Parameter = { ...BASE, name: 'one', type: 'file', accept: ['.csv'] };
const SEVERAL: Parameter = { ...BASE, name: 'several', type: 'files', accept: ['.csv'], minItems: 1, maxItems: 3 };
const MANY: Parameter = { ...SEVERAL, maxItems: 1000 };
const TABLE: Parameter = {
  ...BASE,
  name: 'table',
  type: 'table',
  columns: [{ ...BASE, label: 'Cells', name: 'cells', type: 'file', accept: ['.csv'] }],
  minRows: 1,
  maxRows: 3,
  fill: null,
};
const NOTE: Parameter = { ...BASE, name: 'note', type: 'string', default: '', pattern: null, patternMessage: null, maxLength: 100 };

describe('a chain of runs', () => {
  let world: RunnerWorld;
  let mailServer: TestMailServer;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    mailServer = await startMailServer();
    world = await RunnerWorld.open({ SMTP_URL: mailServer.url });
    // Two of them decide about every link at the same time.
    stops.push(await world.startRunner({ RUNNER_NAME: 'one' }), await world.startRunner({ RUNNER_NAME: 'two' }));
    world.addPipeline('write', 'mkdir deep; echo a > a.csv; echo b > deep/b.csv; echo c > c.txt');
    world.addPipeline('many', 'for i in $(seq 500); do : > "$(printf x%099d.csv "$i")"; done');
    world.addPipeline('join', 'cat "$@" > joined.csv');
    world.addPipeline('fail', 'exit 3');
    world.addPipeline('wait', 'sleep 60');
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    await world.close();
    await mailServer.close();
  });

  const after = (afterRun: number, parameters: Record<string, unknown> = {}, manifest: Partial<Manifest> = {}) =>
    world.submit('join', manifest, { afterRun, parameters });
  const parametersOf = async (runId: number) => (await world.dataSource.getRepository(RunDetails).findOneByOrFail({ runId })).parameters;
  const statesOf = async (runId: number) => (await world.events(runId)).map(({ toState }) => toState);

  it('starts each run once when the one before has succeeded, and hands its results on', async () => {
    const first = await world.submit('write');
    const second = await after(first, { several: ['after:**/*.csv', 'after:a.csv'], note: 'after:*.csv' }, reads(SEVERAL, NOTE));
    const third = await after(second, { one: 'after:joined.csv' }, reads(ONE));
    await world.untilState(third, 'succeeded');
    expect(await parametersOf(second)).toEqual({
      several: [`project:runs/${first}/a.csv`, `project:runs/${first}/deep/b.csv`],
      note: 'after:*.csv',
    });
    expect(await parametersOf(third)).toEqual({ one: `project:runs/${second}/joined.csv` });
    expect(await statesOf(third)).toEqual(['scheduled', 'queued', 'starting', 'running', 'succeeded']);
  }, 30_000);

  it('starts what follows a run that has succeeded long ago', async () => {
    const first = await world.submit('write');
    await world.untilState(first, 'succeeded');
    await world.untilState(await after(first, { one: 'after:a.csv' }, reads(ONE)), 'succeeded');
  }, 30_000);

  it('stops all that wait behind a run that does not succeed, and says which one that was', async () => {
    const first = await world.submit('wait');
    const second = await after(first);
    const [third, beside] = [await after(second), await after(second)];
    await world.untilState(first, 'running');
    await world.cancel(first, 'Cancelled by Ada.');
    for (const runId of [second, third, beside]) {
      const note = `Not started: run ${first}, which comes before this one in its chain, did not succeed.`;
      expect(await world.untilFinal(runId)).toMatchObject({ state: 'cancelled', starts: 0, note });
      expect(await statesOf(runId)).toEqual(['scheduled', 'cancelled']);
    }
    const failed = await world.submit('fail');
    const vain = await world.untilFinal(await after(failed));
    expect(vain).toMatchObject({ state: 'cancelled', note: expect.stringContaining(`run ${failed}`) });
  }, 30_000);

  it('that is cancelled in the middle stops there, and what ran before stays', async () => {
    const first = await world.submit('wait');
    const second = await after(first);
    const third = await after(second);
    await world.cancel(second, 'Cancelled by Ada.');
    expect(await world.untilFinal(third)).toMatchObject({ note: expect.stringContaining(`run ${second}`) });
    expect((await world.find(first)).state).not.toBe('cancelled');
    await world.cancel(first, 'Tidy.');
  }, 30_000);

  it.each<[unknown, Parameter, string]>([
    ['after:*.tif', ONE, 'gave no result that fits *.tif'],
    ['after:**/*.csv', ONE, 'gave 2 results that fit **/*.csv'],
    ['after:c.txt', ONE, 'Tables: c.txt'],
    [['after:**'], { ...SEVERAL, accept: [], maxItems: 2 }, 'Tables: '],
    [['project:own.csv', 'after:c.txt'], SEVERAL, 'Tables: c.txt'],
    [[{ cells: 'after:c.txt' }], TABLE, 'Tables, Cells: c.txt'],
    [`after:${'*'.repeat(199)}x`, ONE, 'Write a pattern for the results'],
  ])('says why %j is no input', async (given, parameter, sentence) => {
    const first = await world.submit('write');
    const run = await world.untilFinal(await after(first, { [parameter.name]: given }, reads(parameter)));
    expect(run).toMatchObject({ state: 'cancelled', starts: 0, note: expect.stringContaining(sentence) });
  });

  it('stops where the results make an argument that no program can be given', async () => {
    const argument = { kind: 'value', parameter: 'several', flag: null, style: 'bare', join: ',' } as const;
    const runId = await after(await world.submit('many'), { several: ['after:*'] }, { parameters: [MANY], arguments: [argument] });
    expect(await world.untilFinal(runId)).toMatchObject({
      state: 'cancelled',
      starts: 0,
      note: expect.stringContaining('longer than a program can be given'),
    });
  }, 30_000);

  it('goes on waiting while the disk is away, and keeps no other one from being decided', async () => {
    const first = await world.submit('write');
    await world.untilState(first, 'succeeded');
    const folder = dirname(dirname(world.results(first)));
    renameSync(folder, `${folder}.away`);
    const waits = await after(first, { one: 'after:a.csv' }, reads(ONE));
    const { runId: beside } = await world.store.enqueue(aNewRun({ projectId: 'gone', afterRun: first }));
    await world.poke();
    await world.untilFinal(beside);
    await sleep(500);
    expect((await world.find(waits)).state).toBe('scheduled');
    renameSync(`${folder}.away`, folder);
    // The others wait a while before they try again.
    stops.push(await world.startRunner({ RUNNER_NAME: 'three' }));
    await world.untilState(waits, 'succeeded');
  }, 30_000);

  it('tells by one mail of each run that was stopped, and in it which one is to blame', async () => {
    await world.dataSource.getRepository(User).insert(aUser({ id: world.project.ownerId, email: 'ada@example.org' }));
    const first = await world.submit('wait');
    const second = await after(first);
    const third = await after(second);
    await world.untilState(first, 'running');
    await world.cancel(first, 'Cancelled by Ada.');
    await Promise.all([second, third].map((runId) => world.untilFinal(runId)));
    const rows = async () => (await world.dataSource.getRepository(Mail).find()).filter(({ runId }) => runId === second || runId === third);
    // Once each row is sent, neither of the two runners has anything left to send.
    await until(async () => (await rows()).filter(({ sentMs }) => sentMs !== null).length === 2, 20_000);
    const mails = mailServer.mails.filter(({ headers }) =>
      [second, third].some((runId) => headers['subject']?.startsWith(`Job #${runId} `)),
    );
    expect(mails.map(({ headers }) => headers['subject']).toSorted()).toEqual([
      `Job #${second} [join] Cancelled`,
      `Job #${third} [join] Cancelled`,
    ]);
    expect(await rows()).toHaveLength(2);
    for (const { recipients, raw } of mails) {
      expect(recipients).toEqual(['ada@example.org']);
      expect(raw.replaceAll('=\r\n', '')).toContain(`Not started: run ${first}, which comes before this one in its chain`);
    }
  }, 40_000);

  it('ends where its project is gone meanwhile', async () => {
    const first = await world.submit('write');
    await world.untilState(first, 'succeeded');
    const { runId } = await world.store.enqueue(aNewRun({ projectId: 'gone', afterRun: first }));
    await world.poke();
    expect((await world.untilFinal(runId)).state).toBe('cancelled');
  });
});
