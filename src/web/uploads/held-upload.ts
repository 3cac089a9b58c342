import { LockedError } from '../../common/errors';

/** Time of the lease at whose end nothing more is written, whatever the clock of the database says. */
const MARGIN_MS = 2000;

/**
 * One upload that a request of this process holds. It knows until when nobody else can have it, and since when the request waits for its
 * client: a client that sends is never interrupted, one that is silent makes way for another, and in the end its connection is cut.
 */
export class HeldUpload {
  /** Bytes that lie there, as far as this request looked. */
  received: number | undefined;
  /** Set when its row tells already that nobody holds it. */
  isClosed = false;
  /** Set when somebody else asks for it. */
  isWanted = false;
  private leaseEnd = 0;
  private isLost = false;
  private waitingSince: number | undefined;
  private readonly stopping = new AbortController();

  constructor(
    readonly id: string,
    /** Its id, in the row of the upload too. */
    readonly holder: string,
  ) {}

  /** @param askedAt when the lease was asked for, by `performance.now()`: earlier than the database gave it. */
  extend(askedAt: number, leaseMs: number): void {
    this.leaseEnd = askedAt + leaseMs - MARGIN_MS;
  }

  lose(): void {
    this.isLost = true;
  }

  /** To be called before each write. @throws LockedError when somebody else may have it by now. */
  requireMine(): void {
    if (this.isLost || performance.now() > this.leaseEnd) throw new LockedError('uploads.lost');
  }

  /** The request is to end with what has arrived. */
  stop(): void {
    this.stopping.abort();
  }

  get stopped(): AbortSignal {
    return this.stopping.signal;
  }

  /** The request waits for bytes of its client from now on. */
  awaitClient(): void {
    this.waitingSince = performance.now();
  }

  /** The client is not the one who is waited for. */
  heardClient(): void {
    this.waitingSince = undefined;
  }

  /** For how long the client has said nothing although it is its turn, in milliseconds. */
  silenceMs(): number {
    return this.waitingSince === undefined ? 0 : performance.now() - this.waitingSince;
  }
}
