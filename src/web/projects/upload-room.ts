import { randomUUID } from 'node:crypto';
import { LimitError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import type { Space } from '../../common/space/space';

const STEP_BYTES = 64 * 1024 * 1024;
/** Files that are reserved together, so that small ones cost no question each. */
const STEP_FILES = 100;
const FOR_MS = 10 * 60_000;
/** Part of its time after which a reservation is renewed. */
const RENEW_AFTER = 0.2;

/** The space that is reserved for one upload of any number of files, whose sizes are known only when they have been read. */
export class UploadRoom {
  /** Also part of the names in the staging folder. */
  readonly id = randomUUID();
  private files = 0;
  private bytes = 0;
  private renewedMs = 0;
  /** What lies in its place and is not counted yet. */
  private unsettled = { bytes: 0, files: 0 };

  /** @param forMs how long it stays reserved when the upload stands still. */
  constructor(
    private readonly space: Space,
    private readonly project: Pick<Project, 'id' | 'ownerId'>,
    private readonly forMs = FOR_MS,
  ) {}

  /** @param bytes of the whole upload, as far as it was announced. @throws LimitError when it does not fit. */
  open(bytes: number): Promise<void> {
    return this.reserve(bytes, 1);
  }

  /** Before each file. @throws LimitError when there may be no more files. */
  async beginFile(): Promise<void> {
    if (this.files > 0) return;
    try {
      await this.reserve(this.bytes, STEP_FILES);
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      await this.reserve(this.bytes, 1);
    }
  }

  /** While a file is written. @param written bytes of this file so far. @throws LimitError when there is no room for them. */
  async cover(written: number): Promise<void> {
    if (written > this.bytes) await this.reserve(written + STEP_BYTES, this.files).catch(() => this.reserve(written, this.files));
    else if (performance.now() - this.renewedMs > this.forMs * RENEW_AFTER) await this.reserve(this.bytes, this.files);
  }

  /** A file lies in its place. Small ones are counted together: each count costs a write to the disk. */
  async stored(bytes: number): Promise<void> {
    this.unsettled = { bytes: this.unsettled.bytes + bytes, files: this.unsettled.files + 1 };
    this.bytes = Math.max(0, this.bytes - bytes);
    this.files -= 1;
    if (this.files === 0 || this.unsettled.bytes > STEP_BYTES) await this.settle();
  }

  /** Gives back what was not needed. Without the database it expires by itself, and says nothing against the upload. */
  async close(): Promise<void> {
    await this.settle().catch(() => undefined);
    await this.space.release(this.id).catch(() => undefined);
  }

  private async settle(): Promise<void> {
    const { unsettled } = this;
    this.unsettled = { bytes: 0, files: 0 };
    if (unsettled.files > 0) await this.space.settlePart(this.id, unsettled);
  }

  private async reserve(bytes: number, files: number): Promise<void> {
    await this.settle();
    const terms = { id: this.id, projectId: this.project.id, what: 'upload', forMs: this.forMs } as const;
    await this.space.reserve(this.project.ownerId, { bytes, files }, terms);
    Object.assign(this, { bytes, files, renewedMs: performance.now() });
  }
}
