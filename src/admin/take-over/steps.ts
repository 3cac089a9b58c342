import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';

/** Lets tests end a take-over between any two of its steps (`AppConfig.crashAt`: `takeOver:7`); in earnest it counts. */
@Injectable()
export class Steps {
  private count = 0;
  private readonly last: number;

  constructor(config: AppConfig) {
    const [what, count] = config.crashAt?.split(':') ?? [];
    this.last = what === 'takeOver' ? Number(count) : Infinity;
  }

  /** Something was done for good. */
  reached(): void {
    this.count += 1;
    // Not an exit: nothing may be tidied up.
    if (this.count === this.last) process.kill(process.pid, 'SIGKILL');
  }
}
