import { setTimeout as sleep } from 'node:timers/promises';
import { LimitError } from '../../common/errors';
import { SharedWork } from './shared-work';

const never = new AbortController().signal;

/** Work that somebody else ends. */
function openWork() {
  const made = { begun: 0, end: (_value: string) => undefined as void, fail: (_error: Error) => undefined as void, aborted: false };
  const make = (signal: AbortSignal, progress: (done: number) => void) =>
    new Promise<string>((resolve, reject) => {
      made.begun += 1;
      made.end = resolve;
      made.fail = reject;
      progress(0.25);
      signal.addEventListener('abort', () => {
        made.aborted = true;
        reject(signal.reason as Error);
      });
    });
  return { made, make };
}

describe('shared work', () => {
  it('is begun once, tells how far it is, and gives all of them its end', async () => {
    const work = new SharedWork();
    const { made, make } = openWork();
    const patient = [1, 2, 3].map(() => work.join('a', { waitMs: 5000, signal: never }, make));
    expect(await work.join('a', { waitMs: 5, signal: never }, make)).toEqual({ state: 'working', done: 0.25 });
    made.end('ready');
    expect(await Promise.all(patient)).toEqual(Array.from({ length: 3 }, () => ({ state: 'done', value: 'ready' })));
    expect(made.begun).toBe(1);
  });

  it('ends some time after the last one has gone, and not while somebody waits', async () => {
    const work = new SharedWork(1500);
    const { made, make } = openWork();
    const gone = new AbortController();
    const first = work.join('a', { waitMs: 60_000, signal: gone.signal }, make);
    const second = work.join('a', { waitMs: 150, signal: never }, make);
    gone.abort();
    expect((await first).state).toBe('working');
    await second;
    expect(made.aborted).toBe(false);
    await sleep(20);
    expect((await work.join('a', { waitMs: 20, signal: never }, make)).state).toBe('working');
    expect([made.aborted, made.begun]).toEqual([false, 1]);
    for (let looks = 0; looks < 200 && !made.aborted; looks += 1) await sleep(50);
    expect(made.aborted).toBe(true);
  });

  it('is not tried again at once when it was refused, but is when it failed', async () => {
    const work = new SharedWork();
    const { made, make } = openWork();
    const refused = work.join('a', { waitMs: 5000, signal: never }, make);
    made.fail(new LimitError('tables.tooSlow'));
    expect(await refused).toMatchObject({ state: 'refused' });
    expect(await work.join('a', { waitMs: 5000, signal: never }, make)).toMatchObject({ state: 'refused' });
    expect(made.begun).toBe(1);
    const failed = work.join('b', { waitMs: 5000, signal: never }, make);
    made.fail(new Error('a fault of ours'));
    await expect(failed).rejects.toThrow('a fault of ours');
    const again = work.join('b', { waitMs: 5000, signal: never }, make);
    made.end('at last');
    expect(await again).toEqual({ state: 'done', value: 'at last' });
  });
});
