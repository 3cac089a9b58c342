/** The measures of the queue by itself: no programs, only its steps, as runners take them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../harness.mjs';
import { aRunner, drain } from './drain.mjs';
import { startWorker } from './workers.mjs';

/** A run as somebody would submit it: about 300 bytes of parameters and manifest. */
export function asked(over = {}) {
  return {
    submissionId: randomUUID(),
    pipelineId: 'noop',
    pipelineTitle: 'No-op',
    projectId: randomUUID(),
    ownerId: 'ada',
    parameters: { input: 'project:slides/spleen-4.tif', sigma: 1.5, kernel: 'gauss', note: 'x'.repeat(80) },
    manifest: { id: 'noop', title: 'No-op', runtime: { kind: 'process', command: ['./noop.sh'], env: {} }, outputs: [] },
    timeLimitSeconds: 60,
    maxStarts: 1,
    pipelineLimit: null,
    engine: 'process',
    needs: { cpu: 1000, memory: 0, gpus: 0 },
    ...over,
  };
}

const OWNERS = 20;

/** Runs of twenty persons, asked for at once. */
export async function enqueueMany(store, count, over = {}) {
  for (let done = 0; done < count; done += 200) {
    const some = Array.from({ length: Math.min(200, count - done) }, (_, index) => asked({ ownerId: `person-${index % OWNERS}`, ...over }));
    await Promise.all(some.map((run) => store.enqueue(run)));
  }
}

/** @returns {Promise<{ single: number, bulk: number }>} runs a second. */
export async function enqueueRates(store) {
  const single = await rate(300, async () => {
    for (let count = 0; count < 300; count += 1) await store.enqueue(asked());
  });
  const bulk = await rate(2000, () => enqueueMany(store, 2000));
  return { single, bulk };
}

/** Claim → authorise → finish, a second, in this process. */
export async function drainRate(store, places, runs) {
  await emptyQueue(store);
  const runner = aRunner(`places-${places}`, places);
  await store.registerRunner(runner);
  const rates = [];
  for (let round = 0; round < 3; round += 1) {
    await enqueueMany(store, runs);
    rates.push(await rate(runs, () => drain(store, runner)));
  }
  return percentile(rates, 0.5);
}

/** The same by two worker processes with eight places each. */
export async function drainRateOfTwo(installation, store, runs) {
  await emptyQueue(store);
  const workers = [await startWorker(installation, { name: 'one', slots: 8 }), await startWorker(installation, { name: 'two', slots: 8 })];
  const rates = [];
  for (let round = 0; round < 3; round += 1) {
    await enqueueMany(store, runs);
    rates.push(await rate(runs, () => Promise.all(workers.map((worker) => worker.ask('drain')))));
  }
  for (const worker of workers) await worker.end();
  return percentile(rates, 0.5);
}

/** From the call that submits a run to its permission to start in another process, which was woken by the poke. Milliseconds. */
export async function pickUpLatencies(installation, services, store, runs = 300) {
  await emptyQueue(store);
  const poke = services.service('common/queue/poke.service.js', 'Poke');
  const worker = await startWorker(installation, { name: 'listener', slots: 8 });
  await worker.ask('listen');
  await sleep(3100);
  const begins = new Map();
  for (let count = 0; count < runs + 10; count += 1) {
    const beginMs = performance.timeOrigin + performance.now();
    const { runId } = await store.enqueue(asked());
    await poke.pokeRunners();
    if (count >= 10) begins.set(runId, beginMs);
    await sleep(15);
  }
  await sleep(500);
  const starts = new Map(await worker.ask('starts'));
  await worker.end();
  return [...begins].map(([runId, beginMs]) => starts.get(runId) - beginMs);
}

/**
 * One person holds 98 % of the queue; twenty others ask for one run each, one after the other, while four places work.
 * @returns the longest wait of the twenty: in starts of others meanwhile, and in milliseconds; `slotMs` is how long a run lasts.
 */
export async function fairness(store) {
  await emptyQueue(store);
  const [slots, slotMs] = [4, 20];
  await enqueueMany(store, 1000, { ownerId: 'flood' });
  const runner = aRunner('fair', slots);
  await store.registerRunner(runner);
  // In the order of the claims; those that were decided before somebody asked do not count as waiting.
  const claimed = [];
  const watched = {
    authorise: (...words) => store.authorise(...words),
    finish: (...words) => store.finish(...words),
    claim: async (...words) => {
      const beginMs = performance.now();
      const runs = await store.claim(...words);
      for (const { id } of runs) claimed.push({ id, beginMs, ms: performance.now() });
      return runs;
    },
  };
  const working = drain(watched, runner, { work: () => sleep(slotMs) });
  const waits = [];
  for (let person = 0; person < 20; person += 1) {
    const beginMs = performance.now();
    const { runId } = await store.enqueue(asked({ ownerId: `calm-${person}` }));
    const askedMs = performance.now();
    let place;
    while ((place = claimed.findIndex(({ id }) => id === runId)) < 0) await sleep(1);
    const before = claimed.slice(0, place).filter((one) => one.beginMs > askedMs);
    waits.push({ slots: before.length, ms: claimed[place].ms - beginMs });
  }
  await cancelAll(store);
  await working;
  return { slots: Math.max(...waits.map((wait) => wait.slots)), ms: Math.max(...waits.map((wait) => wait.ms)), slotMs };
}

/**
 * Six processes claim what only three may have at a time, and GPUs of which the machine has two.
 * @returns how often more were held at the same time, by the events that the database wrote.
 */
export async function violations(installation, store, query) {
  await emptyQueue(store);
  const [{ last }] = await query('SELECT COALESCE(MAX(id), 0) AS last FROM queue');
  for (let count = 0; count < 120; count += 1) {
    await store.enqueue(asked({ ownerId: `person-${count % 5}`, pipelineId: 'narrow', pipelineLimit: 3 }));
    await store.enqueue(asked({ ownerId: `person-${count % 5}`, pipelineId: 'gpu', needs: { cpu: 0, memory: 0, gpus: 1 } }));
  }
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const workers = await Promise.all(names.map((name) => startWorker(installation, { name, slots: 8, over: { gpuIds: ['0', '1'] } })));
  const counts = await Promise.all(workers.map((worker) => worker.ask('drainWell', { pauseMs: 5, workMs: 4 })));
  for (const worker of workers) await worker.end();
  const events = await query(
    `SELECT e.run_id, e.from_state, e.to_state, q.pipeline_id, q.gpu_ids FROM run_events e JOIN queue q ON q.id = e.run_id
     WHERE q.id > ${Number(last)} ORDER BY e.id`,
  );
  return { runs: counts.reduce((sum, count) => sum + count, 0), ...countViolations(events) };
}

function countViolations(events) {
  const held = new Set();
  const gpus = new Map();
  let limit = 0;
  let gpuTwice = 0;
  for (const event of events) {
    const { run_id: runId, from_state: from, to_state: to, pipeline_id: pipeline, gpu_ids: gpu } = event;
    if (from === 'queued' && to === 'starting') {
      if (pipeline === 'narrow' && held.add(runId).size > 3) limit += 1;
      if (pipeline === 'gpu' && gpus.has(gpu)) gpuTwice += 1;
      if (pipeline === 'gpu') gpus.set(gpu, runId);
    } else if (to === 'succeeded') {
      held.delete(runId);
      if (gpus.get(gpu) === runId) gpus.delete(gpu);
    }
  }
  return { limit, gpuTwice };
}

/** Ends everything that waits. */
async function emptyQueue(store) {
  const runner = aRunner('sweeper', 500);
  await store.registerRunner(runner);
  await drain(store, runner);
  await store.retireRunner(runner);
}

async function cancelAll(store) {
  const sweeper = aRunner('canceller', 500);
  await store.registerRunner(sweeper);
  for (;;) {
    const runs = await store.claim(sweeper, 500);
    if (runs.length === 0) break;
    await Promise.all(runs.map((run) => store.failStart({ runId: run.id, fence: run.fence }, 'Over.')));
  }
  await store.retireRunner(sweeper);
}

/** @returns how many a second. */
export async function rate(count, work) {
  const begin = performance.now();
  await work();
  return (count / (performance.now() - begin)) * 1000;
}
