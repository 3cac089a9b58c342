/** Carries out runs that do nothing, as a runner does: claims for the places that are free, and each run on its way by itself. */
import { randomUUID } from 'node:crypto';

const HANDLE = { kind: 'process', pid: 4711, startTicks: '815', host: 'bench', bootId: 'bench' };

/** A runner with so many places that has nothing but places. */
export function aRunner(name, slots, over = {}) {
  const wide = { engines: ['process'], remoteSlots: 0, cpu: 1e9, memory: 1e9, gpuIds: [] };
  return { name, slots, incarnation: randomUUID(), host: 'bench', bootId: 'bench', pokeAddress: null, ...wide, ...over };
}

/**
 * Claims, starts and finishes until the queue gives nothing more.
 * @param {(run: { id: number }) => void} [onStart] after the permission to start.
 * @returns how many runs it carried out.
 */
export async function drain(store, runner, { limits, onStart = () => {}, work = async () => {} } = {}) {
  let free = runner.slots;
  let count = 0;
  let freed = Promise.withResolvers();
  const carry = async (run) => {
    const lease = { runId: run.id, fence: run.fence };
    if (!(await store.authorise(lease, HANDLE))) throw new Error(`run ${run.id} was not permitted`);
    onStart(run);
    await work(run);
    if (!(await store.finish(lease, { state: 'succeeded', exitCode: 0, note: null }))) throw new Error(`run ${run.id} was not finished`);
    count += 1;
    free += 1;
    freed.resolve();
  };
  for (;;) {
    const runs = free > 0 ? await store.claim(runner, free, limits) : [];
    free -= runs.length;
    for (const run of runs) void carry(run).catch((error) => freed.reject(error));
    if (runs.length === 0 && free === runner.slots) return count;
    if (runs.length === 0 || free === 0) {
      await freed.promise;
      freed = Promise.withResolvers();
    }
  }
}
