import { Injectable } from '@nestjs/common';
import { text } from '../locales/text';
import { Carrier } from './carrier';
import { DiskGuard } from './disk-guard';
import { Executors } from './executors/executors';

/** Why this runner takes nothing new although it may and could: what people read of a run that waits for it. */
@Injectable()
export class Reluctance {
  constructor(
    private readonly disk: DiskGuard,
    private readonly carrier: Carrier,
    private readonly executors: Executors,
  ) {}

  /** One sentence; null when nothing keeps it from taking more. @throws the system's error when a disk cannot be looked at. */
  async reason(): Promise<string | null> {
    if (!(await this.disk.allows())) return text('runner.diskFull');
    if (this.executors.reachable.length === 0) return text('slurm.nobodyAnswers');
    return this.carrier.isResting ? text('runner.resting') : null;
  }
}
