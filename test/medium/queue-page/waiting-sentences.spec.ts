import { User } from '../../../src/common/users/user.entity';
import { aGuest, aUser } from '../../factories';
import { WaitingStage } from './waiting-stage';

const GIB = 1024;
const needs = (over: { cpu?: number; memory?: number; gpus?: number }) => ({ needs: { cpu: 1000, memory: 0, gpus: 0, ...over } });

let stage: WaitingStage;

beforeAll(async () => {
  stage = await WaitingStage.open();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

describe('while nobody could take it', () => {
  it('says that no runner is alive, and when the last one was heard', async () => {
    const id = await stage.ask();
    expect(await stage.waiting(id)).toMatchObject({ sentence: 'No runner is alive, so it waits until one is back.', since: null });
    const runner = await stage.runner('lab-1');
    await stage.queue.store.retireRunner(runner);
    await stage.runner('lab-2');
    await stage.queue.silence('lab-2');
    const { sentence, since, startsMs } = await stage.waiting(id);
    expect([sentence, since?.words, startsMs]).toEqual(['No runner is alive, so it waits until one is back.', 'Last heard', null]);
    const [{ beat_ms: beat }] = await stage.queue.sql<{ beat_ms: number | string }[]>(`SELECT beat_ms FROM runners WHERE name = 'lab-1'`);
    expect(since?.atMs).toBe(Number(beat));
  });

  it('says which engine is missing, and who had it', async () => {
    await stage.runner('lab-1');
    const id = await stage.ask({ engine: 'slurm' });
    expect(await stage.sentence(id)).toBe('It needs Slurm, which no runner offers.');
    await stage.runner('hpc-1', { engines: ['slurm'] });
    await stage.queue.silence('hpc-1');
    expect(await stage.waiting(id)).toMatchObject({
      sentence: 'It needs Slurm. hpc-1 offers that, and is not alive.',
      since: { words: 'Last heard' },
    });
  });

  it('says that the runners were drained, and when they were told so', async () => {
    const id = await stage.ask({ engine: 'slurm' });
    const runner = await stage.runner('hpc-1', { engines: ['slurm'] });
    await stage.queue.store.setRunnerMode('hpc-1', 'draining');
    await stage.queue.store.retireRunner(runner);
    expect(await stage.waiting(id)).toMatchObject({
      sentence: 'No runner is alive: hpc-1 was told to finish and stop. It waits until one is started again.',
      since: { words: 'Told so' },
    });
    await stage.runner('lab-1');
    const { sentence, since } = await stage.waiting(id);
    expect([sentence, since?.words]).toEqual(['It needs Slurm. hpc-1 offers that, and was told to finish and stop.', 'Told so']);
    expect(Math.abs((since?.atMs ?? 0) - (await stage.queue.store.nowMs()))).toBeLessThan(60_000);
  });

  it('takes a runner without places elsewhere for one without that engine', async () => {
    await stage.runner('lab-1', { engines: ['process', 'handoff'], remoteSlots: 0 });
    expect(await stage.sentence(await stage.ask({ engine: 'handoff' }))).toBe('It needs a hand-off launcher, which no runner offers.');
  });

  it.each([
    [{ memory: 64 * GIB }, 'It needs 68.7 GB of memory. The runner that has most, big-1, has 4.3 GB.'],
    [{ cpu: 6500 }, 'It needs 6.5 cores. The runner that has most, lab-1, has 4.'],
    [{ gpus: 2 }, 'It needs 2 GPUs. The runner that has most, big-1, has 1.'],
  ])('names need and largest runner: %j', async (need, sentence) => {
    await stage.runner('lab-1');
    await stage.runner('big-1', { cpu: 2000, memory: 4 * GIB, gpuIds: ['0'] });
    const { sentence: told, publicSentence } = await stage.waiting(await stage.ask(needs(need)));
    expect(told).toBe(sentence);
    expect(publicSentence).toBe('It needs more than any runner that is alive has.');
  });

  it('says so where nobody has any of it, and where nobody has all of it', async () => {
    await stage.runner('lab-1');
    expect(await stage.sentence(await stage.ask(needs({ gpus: 1 })))).toBe('It needs 1 GPU, and no runner that is alive has any.');
    await stage.runner('big-1', { cpu: 1000, gpuIds: ['0'] });
    expect(await stage.sentence(await stage.ask(needs({ gpus: 1, cpu: 3000 })))).toBe(
      'It needs 3 cores and 1 GPU, and no runner that is alive has all of that.',
    );
  });
});

describe('while those who could take it do not', () => {
  it('says who is paused or finishes, and since when', async () => {
    await stage.runner('lab-1');
    await stage.runner('small-1', { cpu: 500 });
    const id = await stage.ask();
    await stage.queue.store.setRunnerMode('lab-1', 'paused');
    const paused = await stage.waiting(id);
    expect(paused).toMatchObject({ sentence: 'The runner for it, lab-1, is paused.', since: { words: 'Paused' } });
    expect(Math.abs((paused.since?.atMs ?? 0) - (await stage.queue.store.nowMs()))).toBeLessThan(60_000);
    await stage.queue.store.setRunnerMode('lab-1', 'draining');
    expect(await stage.waiting(id)).toMatchObject({
      sentence: 'The runner for it, lab-1, finishes what it has and then stops.',
      since: { words: 'Told so' },
    });
    await stage.queue.store.setRunnerMode('lab-1', 'active');
    expect(await stage.sentence(id)).toBe('Number 1 in line. A place is free on lab-1, so it starts in a moment.');
  });

  it('says what keeps the only runner from taking it', async () => {
    const runner = await stage.runner('lab-1');
    const id = await stage.ask();
    await stage.queue.store.beat(runner, 'Its disk is nearly full.');
    expect(await stage.sentence(id)).toBe('It waits for lab-1. Its disk is nearly full.');
    await stage.queue.store.beat(runner);
    expect(await stage.sentence(id)).toContain('starts in a moment');
  });

  it('says it of several runners', async () => {
    await stage.runner('lab-1');
    await stage.queue.store.beat(await stage.runner('lab-2'), 'Trouble.');
    await stage.runner('lab-3');
    const id = await stage.ask();
    await stage.queue.store.setRunnerMode('lab-1', 'paused');
    await stage.queue.store.setRunnerMode('lab-3', 'draining');
    expect(await stage.sentence(id)).toBe(
      'None of the 3 runners for it takes runs: lab-1 is paused, lab-2 is in trouble and lab-3 finishes what it has and then stops.',
    );
  });
});

describe('while a limit holds it back', () => {
  it.each([
    [1, 'Another run of its pipeline has to end first: one may run at a time.'],
    [2, 'One of the 2 runs of its pipeline has to end first: no more may run at a time.'],
  ])('names that of its pipeline: %d', async (limit, sentence) => {
    const runner = await stage.runner('lab-1');
    for (let count = 0; count < limit; count += 1) await stage.going(runner, { pipelineLimit: limit });
    expect(await stage.sentence(await stage.ask({ pipelineLimit: limit, ownerId: 'bob' }))).toBe(`Number 1 in line. ${sentence}`);
  });

  it('counts the run that starts before it in a moment', async () => {
    await stage.runner('lab-1');
    await stage.ask({ pipelineLimit: 1 });
    expect(await stage.sentence(await stage.ask({ pipelineLimit: 1 }))).toBe(
      'Number 2 in line. Another run of its pipeline has to end first: one may run at a time.',
    );
  });

  it.each([
    ['1', 'Another run of the same person has to end first: they may run one at a time.'],
    ['2', 'One of the 2 runs of the same person has to end first: they may run no more at a time.'],
  ])('names that of each person: %s', async (most, sentence) => {
    const runner = await stage.runner('lab-1');
    for (let count = 0; count < Number(most); count += 1) await stage.going(runner);
    const settings = { RUNS_PER_PERSON: most };
    const id = await stage.ask();
    expect(await stage.sentence(id, settings)).toBe(`Number 1 in line. ${sentence}`);
    expect(await stage.sentence(await stage.ask({ ownerId: 'bob' }), settings)).toContain('starts in a moment');
    expect(await stage.sentence(id)).not.toContain('person');
  });
});

describe('while a guest has as many runs as guests may have', () => {
  it.each([
    ['1', 'Another run of the same guest has to end first: guests may run one at a time.'],
    ['2', 'One of the 2 runs of the same guest has to end first: guests may run no more at a time.'],
  ])('says so: %s', async (most, sentence) => {
    const [guest, person] = [aGuest(), aUser()];
    await stage.queue.dataSource.getRepository(User).insert([guest, person]);
    const runner = await stage.runner('lab-1');
    for (let count = 0; count < Number(most); count += 1) await stage.going(runner, { ownerId: guest.id });
    const id = await stage.ask({ ownerId: guest.id });
    expect(await stage.sentence(id, { GUEST_RUNS: most })).toBe(`Number 1 in line. ${sentence}`);
    expect(await stage.sentence(id, { GUEST_RUNS: '9', RUNS_PER_PERSON: most })).toContain('of the same person has to end first');
    expect(await stage.sentence(id)).toContain('starts in a moment');
    expect(await stage.sentence(await stage.ask({ ownerId: person.id }), { GUEST_RUNS: most })).toContain('starts in a moment');
  });
});

describe('while there is no room', () => {
  it('tells the first that one place is enough, and the others how it stands', async () => {
    const runner = await stage.runner('lab-1', { slots: 2 });
    await stage.going(runner);
    await stage.going(runner);
    const ids = [await stage.ask(), await stage.ask()];
    expect(await stage.sentence(ids[0])).toBe('Number 1 in line. It starts when one of the 2 places on lab-1 is free.');
    expect(await stage.sentence(ids[1])).toBe('Number 2 in line. The 2 places on lab-1 are taken.');
  });

  it('knows a runner with one place, and places on several', async () => {
    await stage.going(await stage.runner('lab-1', { slots: 1 }));
    const ids = [await stage.ask(), await stage.ask()];
    expect(await stage.sentence(ids[0])).toBe('Number 1 in line. It starts when the run on lab-1 has ended.');
    expect(await stage.sentence(ids[1])).toBe('Number 2 in line. The one place on lab-1 is taken.');
    const other = await stage.runner('lab-2', { slots: 2 });
    await stage.going(other, { ownerId: 'bob' });
    await stage.going(other, { ownerId: 'bob' });
    expect(await stage.sentence(ids[0])).toBe('Number 1 in line. It starts when one of the 3 places on 2 runners is free.');
    expect(await stage.sentence(ids[1])).toBe('Number 2 in line. The 3 places on 2 runners are taken.');
  });

  it('goes by turns of people, and tells each their own number', async () => {
    const runner = await stage.runner('lab-1', { slots: 1 });
    await stage.going(runner, { ownerId: 'bob' });
    const bobs = [await stage.ask({ ownerId: 'bob' }), await stage.ask({ ownerId: 'bob' })];
    const adas = await stage.ask();
    expect(await stage.sentence(adas)).toContain('Number 1 in line.');
    expect(await stage.sentence(bobs[0])).toContain('Number 2 in line.');
    expect(await stage.sentence(bobs[1])).toContain('Number 3 in line.');
  });

  it.each([
    [{ cpu: 3000 }, 'It needs 3 cores, and lab-1 has 2 free.'],
    [{ memory: GIB }, 'It needs 1.1 GB of memory, and lab-1 has 537 MB free.'],
    [{ gpus: 2 }, 'It needs 2 GPUs, and lab-1 has 1 free.'],
  ])('names what there is too little of: %j', async (need, sentence) => {
    const runner = await stage.runner('lab-1', { gpuIds: ['0', '1'] });
    await stage.going(runner, needs({ cpu: 2000, memory: GIB / 2, gpus: 1 }));
    const { sentence: told, publicSentence } = await stage.waiting(await stage.ask(needs(need)));
    expect(told).toBe(`Number 1 in line. ${sentence}`);
    expect(publicSentence).toBe('Number 1 in line. It needs more than any runner has free at the moment.');
  });

  it('knows that two runners of one machine have the same GPU', async () => {
    const bootId = 'lab';
    await stage.runner('lab-1', { bootId, gpuIds: ['0'] });
    await stage.going(await stage.runner('lab-2', { bootId, gpuIds: ['0'] }), needs({ gpus: 1 }));
    expect(await stage.sentence(await stage.ask(needs({ gpus: 1 })))).toBe(
      'Number 1 in line. It needs 1 GPU, and no runner has so much free at the moment.',
    );
  });

  it('says so where none of it is free', async () => {
    const runner = await stage.runner('lab-1', { gpuIds: ['0'] });
    await stage.going(runner, needs({ gpus: 1 }));
    expect(await stage.sentence(await stage.ask(needs({ gpus: 1 })))).toBe('Number 1 in line. It needs 1 GPU, and lab-1 has none free.');
  });

  it('counts the runs of a cluster that a runner watches', async () => {
    const runner = await stage.runner('hpc-1', { engines: ['slurm'], remoteSlots: 1 });
    await stage.going(runner, { engine: 'slurm' });
    const id = await stage.ask({ engine: 'slurm' });
    expect(await stage.sentence(id)).toBe('Number 1 in line. hpc-1 watches 1 run of Slurm already, as many as it may.');
    const other = await stage.runner('hpc-2', { engines: ['slurm'], remoteSlots: 1 });
    await stage.going(other, { engine: 'slurm', ownerId: 'bob' });
    expect(await stage.sentence(id)).toBe('Number 1 in line. 2 runners watch 2 runs of Slurm already, as many as they may.');
  });

  it('tells of room that is kept: whose it is, and who leaves it alone', async () => {
    const runner = await stage.runner('lab-1');
    await stage.going(runner, { ...needs({ cpu: 2000 }), ownerId: 'cyd' });
    const large = await stage.ask({ ...needs({ cpu: 4000 }), pipelineId: 'large' });
    const small = await stage.ask({ ownerId: 'bob', pipelineId: 'small' });
    expect(await stage.sentence(large)).toMatch(/It needs 4 cores, and lab-1 has 1 free\.$/);
    expect(await stage.sentence(small)).toContain('starts in a moment');
    await stage.age(large, 121);
    expect(await stage.sentence(large)).toMatch(/It needs 4 cores, and lab-1 has 2 free\. Room is being kept for it\.$/);
    expect(await stage.sentence(small)).toMatch(/There is room, and it is kept for a larger run that goes before it\.$/);
    expect(await stage.carryOn(runner, 4)).toEqual([]);
  });

  it('tells who stands behind a larger run of their own', async () => {
    const runner = await stage.runner('lab-1');
    await stage.going(runner, { ...needs({ cpu: 2000 }), ownerId: 'cyd' });
    await stage.ask(needs({ cpu: 4000 }));
    const small = await stage.ask();
    expect(await stage.sentence(small)).toMatch(/An earlier run of the same person and pipeline goes before it\.$/);
    expect(await stage.carryOn(runner, 4)).toEqual([]);
  });
});

describe('of a long line', () => {
  it('tells those behind what is known of their place, and whoever has few runs their turn', async () => {
    const runner = await stage.runner('lab-1', { slots: 1 });
    await stage.going(runner, { ownerId: 'cyd' });
    const ids: number[] = [];
    for (let count = 0; count < 610; count += 1) ids.push(await stage.ask());
    const late = await stage.ask({ ownerId: 'bob' });
    expect(await stage.sentence(ids[0])).toContain('Number 1 in line. It starts when');
    expect(await stage.sentence(ids[100])).toContain('Number 102 in line or later.');
    expect(await stage.sentence(ids[605])).toBe('It comes after earlier runs of the same person; more than 600 runs wait.');
    expect(await stage.sentence(late)).toContain('Number 2 in line or later.');
  });

  it('claims none before a run that came after the line was read', async () => {
    await stage.runner('lab-1');
    const line = await stage.line();
    const run = await stage.queue.run(await stage.ask());
    expect(line.of(run)?.sentence).toBe('Its place in line is known in a moment.');
  });
});

it('tells of a scheduled run nothing before its time, and then why nobody puts it in line', async () => {
  const id = await stage.ask({ availableMs: (await stage.queue.store.nowMs()) + 3_600_000 });
  const line = await stage.line();
  expect(line.of(await stage.queue.run(id))).toBeNull();
  await stage.age(id, 3601);
  expect(await stage.sentence(id)).toBe('No runner is alive, so it waits until one is back.');
  await stage.runner('lab-1');
  expect(await stage.sentence(id)).toBe('Its time has come; the next look of a runner puts it in line.');
});

describe('when it will start', () => {
  const inSeconds = async (id: number) => {
    const { startsMs } = await stage.waiting(id);
    return startsMs === null ? null : (startsMs - (await stage.queue.store.nowMs())) / 1000;
  };

  it('comes from the history of what runs, and of what waits before it', async () => {
    await stage.history('short', 100);
    await stage.history('long', 1000);
    const runner = await stage.runner('lab-1', { slots: 2 });
    await stage.going(runner, { pipelineId: 'long' });
    await stage.going(runner, { pipelineId: 'short' });
    const ids = [
      await stage.ask({ pipelineId: 'short' }),
      await stage.ask({ pipelineId: 'short' }),
      await stage.ask({ pipelineId: 'new' }),
    ];
    for (const [index, seconds] of [100, 200, 300].entries()) {
      const told = await inSeconds(ids[index]);
      expect(told).toBeGreaterThan(seconds - 60);
      expect(told).toBeLessThan(seconds + 1);
    }
  });

  it('is not guessed where nobody knows how long something takes', async () => {
    const runner = await stage.runner('lab-1', { slots: 1 });
    await stage.going(runner, { pipelineId: 'new' });
    expect(await inSeconds(await stage.ask({ pipelineId: 'new' }))).toBeNull();
  });

  it('is not told where it starts at once', async () => {
    await stage.history('short', 100);
    await stage.runner('lab-1');
    expect(await inSeconds(await stage.ask({ pipelineId: 'short' }))).toBeNull();
  });
});

it('finds the runs that no living runner can take, and no others', async () => {
  await stage.runner('lab-1', { slots: 1 });
  await stage.ask();
  await stage.ask();
  const engine = await stage.ask({ engine: 'docker' });
  const size = await stage.ask(needs({ gpus: 1 }));
  const found = (await stage.line()).stuckRuns();
  expect(found.map(({ run, reason }) => [run.id, reason.kind])).toEqual([
    [engine, 'engine'],
    [size, 'size'],
  ]);
});
