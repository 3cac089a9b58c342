import { Injectable } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';

/** The moments between two steps of the protocol at which a runner may die. */
export const CRASH_POINTS = [
  'afterClaim',
  'afterPrepare',
  'afterAuthorise',
  'afterGo',
  'whileRunning',
  'afterExit',
  'afterFinish',
  'afterTakeOver',
  'afterSeal',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/**
 * Lets the fault tests kill a runner exactly between two steps, or pause it there as a machine does that hibernates (`AppConfig.crashAt`:
 * `point:times`, `point:times:pause`); in earnest it compares a string with null.
 */
@Injectable()
export class CrashPoints {
  private readonly point: string | null;
  private readonly signal: NodeJS.Signals;
  private left: number;

  constructor(config: AppConfig) {
    const [point, times, way] = config.crashAt?.split(':') ?? [];
    this.point = point ?? null;
    this.left = Number(times ?? 1);
    // Not an exit: nothing may be tidied up.
    this.signal = way === 'pause' ? 'SIGSTOP' : 'SIGKILL';
  }

  reached(point: CrashPoint): void {
    if (point !== this.point) return;
    this.left -= 1;
    if (this.left === 0) process.kill(process.pid, this.signal);
  }
}
