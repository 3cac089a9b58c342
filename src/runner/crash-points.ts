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

/** Lets the fault tests kill a runner exactly between two steps (`AppConfig.crashAt`); in earnest it compares a string with null. */
@Injectable()
export class CrashPoints {
  private readonly point: string | null;
  private left: number;

  constructor(config: AppConfig) {
    const [point, times] = config.crashAt?.split(':') ?? [];
    this.point = point ?? null;
    this.left = Number(times ?? 1);
  }

  reached(point: CrashPoint): void {
    if (point !== this.point) return;
    this.left -= 1;
    // Not an exit: nothing may be tidied up.
    if (this.left === 0) process.kill(process.pid, 'SIGKILL');
  }
}
