import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { AppConfig } from '../common/config/app-config';
import { freeSpace } from '../common/files/free-space';
import type { RunnerHealth } from '../common/queue/runner-health';

/** Tells how the machine does on which this runner works. */
export class MachineHealth {
  constructor(private readonly config: AppConfig) {}

  /** Costs one question to the file system; what cannot be told is left out. */
  async read(): Promise<RunnerHealth> {
    const freeDisk = await freeSpace(this.config.filesRoot).catch(() => null);
    const [load = 0] = loadavg();
    return { load, cores: availableParallelism(), freeMemory: freemem(), memory: totalmem(), freeDisk, node: process.version };
  }
}
