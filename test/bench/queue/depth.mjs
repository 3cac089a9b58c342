/** What a long history costs: the same measures with a million finished runs and ten thousand that wait. */
import { percentile } from '../harness.mjs';
import { aRunner, drain } from './drain.mjs';
import { fill } from './fill.mjs';
import { enqueueMany, rate } from './measures.mjs';

export const FINISHED = Number(process.env.BENCH_DEPTH ?? 1_000_000);
const WAITING = 10_000;
const OWNERS = 20;
const PIPELINES = 4;
const RUNS = 1000;
const ROUNDS = 5;

/** @returns {Promise<{ shallow: number, deep: number, readMs: number }>} runs a second, and the time of the reads of one claim. */
export async function depth(installation, services, store, query) {
  const isSqlite = installation.kind === 'sqlite';
  const runner = aRunner('deep', 8);
  await store.registerRunner(runner);
  const shallow = await throughput(store, runner);
  await fill(query, isSqlite, FINISHED, { state: 'succeeded', owners: OWNERS, pipelines: PIPELINES });
  await fill(query, isSqlite, WAITING, { state: 'queued', owners: OWNERS, pipelines: PIPELINES });
  if (!isSqlite) await query('ANALYZE TABLE queue');
  const deep = await throughput(store, runner, false);
  const readMs = await claimReadMs(services, store, query, isSqlite);
  return { shallow, deep, readMs };
}

/** Of so many runs, however many wait behind them. */
async function throughput(store, runner, isEmpty = true) {
  const rates = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // In as many lines as wait at depth: what is compared is the history and the length of the lines, not their number.
    if (isEmpty) {
      for (let line = 0; line < PIPELINES; line += 1) await enqueueMany(store, RUNS / PIPELINES, { pipelineId: `pipeline-${line}` });
    }
    let left = RUNS;
    const bounded = {
      authorise: (...words) => store.authorise(...words),
      finish: (...words) => store.finish(...words),
      claim: async (of, most, limits) => {
        const runs = left > 0 ? await store.claim(of, Math.min(most, left), limits) : [];
        left -= runs.length;
        return runs;
      },
    };
    rates.push(await rate(RUNS, () => drain(bounded, runner)));
  }
  return percentile(rates, 0.5);
}

/** What a claim reads before it decides: on SQLite a whole claim that finds no room. */
async function claimReadMs(services, store, query, isSqlite) {
  const times = [];
  const full = aRunner('full', 0, { slots: 1 });
  const { OVERVIEW } = services.load('common/queue/mariadb-claim.js');
  await store.registerRunner(full);
  for (let count = 0; count < 50; count += 1) {
    const begin = performance.now();
    if (isSqlite) await store.claim(full, 1, { perOwner: 0 });
    else await query(OVERVIEW);
    times.push(performance.now() - begin);
  }
  return percentile(times, 0.5);
}
