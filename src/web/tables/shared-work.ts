import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError, UnavailableError } from '../../common/errors';

/** What has come of some work: done, going on (with the share that is done), or refused for a reason that people are told. */
export type Outcome<Value> =
  { state: 'done'; value: Value } | { state: 'working'; done: number } | { state: 'refused'; reason: DomainError };

/** @throws what it was refused for; UnavailableError while it goes on. */
export function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.state === 'refused') throw outcome.reason;
  if (outcome.state === 'working') throw new UnavailableError('tables.stillWorking');
  return outcome.value;
}

export interface Patience {
  /** How long to wait for the end. */
  waitMs: number;
  /** Whoever asked has gone. */
  signal: AbortSignal;
}

type Make<Value> = (signal: AbortSignal, progress: (done: number) => void) => Promise<Value>;

interface Running {
  ended: Promise<void>;
  outcome: Outcome<unknown> | { state: 'failed'; error: unknown };
  stop: AbortController;
  waiting: number;
  clock: NodeJS.Timeout | undefined;
}

/** Somebody who reads a page without scripts comes back after a while. */
const GRACE_MS = 30_000;
const REFUSALS = 200;
const REFUSED_FOR_MS = 60_000;

/**
 * Long work that several may wait for, begun once. It ends when it is done, or some time after the last one who waited has gone; what was
 * refused is not tried again at once.
 */
export class SharedWork {
  private readonly running = new Map<string, Running>();
  private readonly refused = new Map<string, DomainError>();

  /** @param graceMs how long work goes on that nobody waits for. */
  constructor(private readonly graceMs = GRACE_MS) {}

  /** @throws what `make` throws, unless it is a LimitError or another one for people. */
  async join<Value>(key: string, { waitMs, signal }: Patience, make: Make<Value>): Promise<Outcome<Value>> {
    const reason = this.refused.get(key);
    if (reason) return { state: 'refused', reason };
    const work = this.running.get(key) ?? this.begin(key, make);
    work.waiting += 1;
    clearTimeout(work.clock);
    try {
      const left = new AbortController();
      const gone = AbortSignal.any([signal, left.signal]);
      await Promise.race([work.ended, sleep(waitMs, undefined, { signal: gone }).catch(() => undefined)]);
      left.abort();
    } finally {
      work.waiting -= 1;
      if (work.waiting === 0) work.clock = setTimeout(() => work.stop.abort(new Error('nobody waits')), this.graceMs).unref();
    }
    if (work.outcome.state === 'failed') throw work.outcome.error;
    return work.outcome as Outcome<Value>;
  }

  /** Ends all of it. */
  end(): void {
    for (const { stop } of this.running.values()) stop.abort(new Error('the server ends'));
  }

  private begin(key: string, make: Make<unknown>): Running {
    const stop = new AbortController();
    const work: Running = { ended: Promise.resolve(), outcome: { state: 'working', done: 0 }, stop, waiting: 0, clock: undefined };
    const progress = (done: number): void => void (work.outcome = { state: 'working', done });
    work.ended = make(stop.signal, progress)
      .then(
        (value) => void (work.outcome = { state: 'done', value }),
        (error: unknown) => {
          const isForPeople = error instanceof DomainError && !stop.signal.aborted;
          work.outcome = isForPeople ? { state: 'refused', reason: error } : { state: 'failed', error };
          if (isForPeople) this.remember(key, error);
        },
      )
      .finally(() => {
        clearTimeout(work.clock);
        this.running.delete(key);
      });
    this.running.set(key, work);
    return work;
  }

  private remember(key: string, reason: DomainError): void {
    this.refused.set(key, reason);
    setTimeout(() => this.refused.delete(key), REFUSED_FOR_MS).unref();
    const [oldest] = this.refused.keys();
    if (this.refused.size > REFUSALS && oldest !== undefined) this.refused.delete(oldest);
  }
}
