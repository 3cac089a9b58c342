import { formatBytes } from '../../browser/amounts';
import { LimitError } from '../errors';
import type { PersonLimits } from '../quotas/quotas';
import type { Amounts } from './space.repository';

/** What decides how full a space is. */
export interface Filling {
  used: Amounts;
  /** Promised to work under way. */
  reserved: Amounts;
  allowance: Pick<PersonLimits, 'bytes' | 'files'>;
  /** Whether nothing more may be written on the disk of the server, whoever asks. */
  isDiskFull: boolean;
}

/** How full a space is. Bars, notes and refusals all go by this one. */
export interface Fullness {
  /** Of the limit that is nearest, rounded down; 0 without one. */
  percent: number;
  level: 'plain' | 'warn' | 'full';
  /** What is full; null where there is room. */
  full: 'bytes' | 'files' | 'disk' | null;
}

/** From here on a limit is worth a word. */
export const WARN_PERCENT = 90;

export function fullnessOf({ used, reserved, allowance, isDiskFull }: Filling): Fullness {
  const ofBytes = percentOf(used.bytes + reserved.bytes, allowance.bytes);
  const ofFiles = percentOf(used.files + reserved.files, allowance.files);
  const percent = Math.max(ofBytes, ofFiles);
  const full = ofBytes >= 100 ? 'bytes' : ofFiles >= 100 ? 'files' : isDiskFull ? 'disk' : null;
  return { percent, level: full ? 'full' : percent >= WARN_PERCENT ? 'warn' : 'plain', full };
}

/** @returns null where there is room; else the sentence that every page says of it. */
export function refusalOf(filling: Filling): LimitError | null {
  const { used, reserved, allowance } = filling;
  switch (fullnessOf(filling).full) {
    case 'bytes':
      return new LimitError('space.isFull', {
        taken: formatBytes(used.bytes + reserved.bytes),
        most: formatBytes(allowance.bytes ?? 0),
      });
    case 'files':
      return new LimitError('space.isFullFiles', { count: used.files + reserved.files, most: allowance.files ?? 0 });
    case 'disk':
      return new LimitError('space.isFullDisk');
    case null:
      return null;
  }
}

/** Rounded down; 0 without a limit. */
export function percentOf(amount: number, most: number | null): number {
  return most === null ? 0 : Math.floor((100 * amount) / most);
}
