/**
 * A runner process without programs, for the benchmarks of the queue: `node worker.mjs '<json>'` with the environment of the
 * installation. It says `ready`, obeys one message at a time from its parent, and answers each.
 */
import { openServices } from '../harness.mjs';
import { aRunner, drain } from './drain.mjs';

const { name, slots, over } = JSON.parse(process.argv[2] ?? '{}');
const services = await openServices({ environment: process.env });
const store = services.service('common/queue/queue-store.js', 'QueueStore');
const runner = aRunner(name, slots, over);
/** Times of starts on the wall clock, with parts of a millisecond. */
const starts = new Map();
const onStart = ({ id }) => starts.set(id, performance.timeOrigin + performance.now());

const commands = {
  /** Until the queue gives nothing more. */
  drain: () => drain(store, runner, { onStart }),
  /** The same again and again, for as long as others may hold what it waits for. */
  drainWell: async ({ pauseMs, workMs }) => {
    const work = () => new Promise((resolve) => setTimeout(resolve, workMs));
    let count = 0;
    for (let empty = 0; empty < 20;) {
      const more = await drain(store, runner, { onStart, work });
      count += more;
      empty = more === 0 ? empty + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return count;
  },
  /** With each poke, as a runner does. */
  listen: async () => {
    const { PokeListener } = services.load('common/queue/poke-listener.js');
    let busy = Promise.resolve();
    const listener = await PokeListener.open('127.0.0.1', () => (busy = busy.then(() => drain(store, runner, { onStart }))));
    runner.pokeAddress = listener.address;
    await store.registerRunner(runner);
  },
  starts: () => Promise.resolve([...starts]),
  /** Waits for ever if it is not ended: it keeps connections and perhaps a socket. */
  end: async () => {
    await services.close();
    process.exit(0);
  },
};

await store.registerRunner(runner);
process.send?.('ready');
process.on('message', async ({ command, ...words }) => {
  try {
    process.send?.({ answer: (await commands[command](words)) ?? null });
  } catch (error) {
    process.send?.({ error: String(error?.stack ?? error) });
  }
});
