import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Lock, Locker } from '@tus/server';
import { AppConfig } from '../../common/config/app-config';
import { LockedError } from '../../common/errors';
import { newHolder } from '../../common/uploads/upload-holder';
import { UploadsRepository } from '../../common/uploads/uploads.repository';
import { HeldUpload } from './held-upload';

export const LEASE_MS = 12_000;
const RENEW_EVERY_MS = 3000;
const LOOK_EVERY_MS = 2000;
const TICK_MS = 250;
/** How long a second request waits for the first one to end, or to be found silent. */
const PATIENCE_MS = 4000;
const ASK_EVERY_MS = 200;
/** A client that has said nothing for so long has probably lost its connection, and comes back by the one that asks. */
const MAKES_WAY_AFTER_MS = 2000;

/**
 * One request at a time works on an upload, over all web processes: the lock is in its row, with a lease that is renewed while the request
 * goes on. tus's own locker knows one process only.
 */
@Injectable()
export class UploadLocks implements Locker {
  private readonly logger = new Logger(UploadLocks.name);
  private readonly held = new Map<string, HeldUpload>();
  /** Without those that were adopted, until tus asks for their lock. */
  private readonly isAtWork = new Set<HeldUpload>();

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly config: AppConfig,
  ) {}

  newLock(id: string): Lock {
    let stop: (() => void) | undefined;
    return {
      lock: async (signal, release) => {
        const upload = await this.acquire(id, signal);
        stop = this.watch(upload, () => {
          upload.stop();
          void release();
        });
      },
      unlock: async () => {
        stop?.();
        await this.release(id);
      },
    };
  }

  /** A new upload, held from the moment on at which its row is there. @param add makes the row. */
  async adopt(id: string, add: (holder: string) => Promise<void>): Promise<void> {
    const upload = new HeldUpload(id, newHolder());
    upload.extend(performance.now(), LEASE_MS);
    await add(upload.holder);
    this.held.set(id, upload);
  }

  /** For those who work while the lock is held. */
  heldBy(id: string): HeldUpload {
    const upload = this.held.get(id);
    if (!upload) throw new Error(`Nobody holds the upload ${id}.`);
    return upload;
  }

  /** Does something while nobody else works on an upload. */
  async whileHeld<Result>(id: string, work: (upload: HeldUpload) => Promise<Result>): Promise<Result> {
    const lock = this.newLock(id);
    await lock.lock(AbortSignal.timeout(PATIENCE_MS), () => undefined);
    try {
      return await work(this.heldBy(id));
    } finally {
      await lock.unlock();
    }
  }

  private async acquire(id: string, signal: AbortSignal): Promise<HeldUpload> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const mine = this.held.get(id);
      if (mine && !this.isAtWork.has(mine)) return this.begin(mine);
      const upload = new HeldUpload(id, newHolder());
      const askedAt = performance.now();
      if (!mine && (await this.uploads.lock(id, upload.holder, LEASE_MS))) {
        upload.extend(askedAt, LEASE_MS);
        this.held.set(id, upload);
        return this.begin(upload);
      }
      if (mine) mine.isWanted = true;
      else await this.uploads.want(id);
      if (performance.now() > deadline || signal.aborted) throw new LockedError('uploads.busy');
      await sleep(ASK_EVERY_MS);
    }
  }

  private begin(upload: HeldUpload): HeldUpload {
    this.isAtWork.add(upload);
    return upload;
  }

  private async release(id: string): Promise<void> {
    const upload = this.held.get(id);
    if (!upload) return;
    try {
      if (upload.isClosed) return;
      const { received } = upload;
      const progress = received === undefined ? undefined : { received, lifeMs: this.config.settings.UPLOAD_LIFE * 1000 };
      await this.uploads.unlock(id, upload.holder, progress);
    } catch (error) {
      this.logger.warn(`The upload ${id} could not be let go of, which its lease does by itself: ${String(error)}`);
    } finally {
      this.isAtWork.delete(upload);
      this.held.delete(id);
    }
  }

  /** Keeps the lease, and ends the request when its client is silent for too long, or when somebody else has the upload. */
  private watch(upload: HeldUpload, release: () => void): () => void {
    const mostSilenceMs = this.config.settings.UPLOAD_SILENCE * 1000;
    let lookedAt = performance.now();
    let renewedAt = lookedAt;
    const tick = () => {
      const now = performance.now();
      const silence = upload.silenceMs();
      if (silence > mostSilenceMs || (upload.isWanted && silence > MAKES_WAY_AFTER_MS)) return release();
      if (now - renewedAt > RENEW_EVERY_MS) {
        renewedAt = now;
        void this.renew(upload, release);
      } else if (now - lookedAt > LOOK_EVERY_MS) {
        lookedAt = now;
        void this.look(upload);
      }
    };
    const timer = setInterval(tick, TICK_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  private async renew(upload: HeldUpload, release: () => void): Promise<void> {
    const askedAt = performance.now();
    try {
      if (await this.uploads.renew(upload.id, upload.holder, LEASE_MS)) return upload.extend(askedAt, LEASE_MS);
      if (upload.isClosed) return;
      upload.lose();
      release();
    } catch (error) {
      // The lease goes on for a while; without a later success `requireMine` ends the request.
      this.logger.warn(`The lease of the upload ${upload.id} could not be renewed: ${String(error)}`);
    }
  }

  private async look(upload: HeldUpload): Promise<void> {
    const hold = await this.uploads.look(upload.id, upload.holder).catch(() => 'mine' as const);
    if (hold === 'wanted') upload.isWanted = true;
    if (hold === 'lost' && !upload.isClosed) upload.lose();
  }
}
