import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { AppConfig } from '../common/config/app-config';
import { freeSpace } from '../common/files/free-space';
import type { RunnerHealth } from '../common/queue/runner-health';

/** Tells how the machine does on which this runner works. */
export class MachineHealth {
  private freeDisk: number | null = null;
  private isAsking = false;

  /** @param free answers with the free bytes of a disk. */
  constructor(
    private readonly config: AppConfig,
    private readonly free: (folder: string) => Promise<number> = freeSpace,
  ) {}

  /**
   * Never waits: a disk that hangs, as one of the network does, must not keep a sign of life back. What it tells of the disk was asked for
   * a call before; null while that question is still open.
   */
  read(): RunnerHealth {
    const freeDisk = this.isAsking ? null : this.freeDisk;
    void this.ask();
    const [load = 0] = loadavg();
    return { load, cores: availableParallelism(), freeMemory: freemem(), memory: totalmem(), freeDisk, node: process.version };
  }

  private async ask(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    this.freeDisk = await this.free(this.config.filesRoot).catch(() => null);
    this.isAsking = false;
  }
}
