import { UnavailableError } from '../../common/errors';

const MOST_WAITING = 256;

/** Lets so much work go on at the same time; the rest waits for its turn. */
export class Lane {
  private readonly waiting: (() => void)[] = [];

  /** @param free places. */
  constructor(private free: number) {}

  /** @throws UnavailableError when too many wait already. */
  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.waiting.length >= MOST_WAITING) throw new UnavailableError('errors.unavailable');
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
