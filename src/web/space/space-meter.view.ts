import { fullnessOf, percentOf, WARN_PERCENT, type Fullness } from '../../common/space/fullness';
import type { SpaceDetails, SpaceUse } from '../../common/space/space';
import { text } from '../../locales/text';

/** One coloured part of the bar. */
interface Segment {
  /** Class of its colour. */
  tone: 'u1' | 'u2' | 'u3';
  label: string;
  bytes: number;
  /** From the left, in percent of the bar. */
  from: number;
  percent: number;
}

/** How full a space is, as a bar with its words. */
export interface SpaceMeterView {
  /** In use or reserved. */
  usedBytes: number;
  /** Null: no limit. */
  mostBytes: number | null;
  /** Of the limit that is nearest; 0 without one. */
  percent: number;
  level: Fullness['level'];
  /** The whole bar in words. */
  label: string;
  /** Without details, one part for all. */
  segments: Segment[];
  /** Files used and allowed where they are the nearest limit. */
  files: { used: number; most: number } | null;
}

/** Without a limit, less than this is nobody's concern. */
const WORTH_SHOWING_BYTES = 1e9;

/** @returns null where there is nothing to say: no limit, and little use. */
export function meterView(use: SpaceUse, details: SpaceDetails | null = null): SpaceMeterView | null {
  const { bytes: most, files: mostFiles } = use.allowance;
  if (most === null && mostFiles === null && use.used.bytes < WORTH_SHOWING_BYTES) return null;
  return wholeMeterView(use, details);
}

/** As `meterView`, whether there is much to say or not. */
export function wholeMeterView(use: SpaceUse, details: SpaceDetails | null): SpaceMeterView {
  const { used, reserved, allowance } = use;
  const ofBytes = percentOf(used.bytes + reserved.bytes, allowance.bytes);
  const ofFiles = percentOf(used.files + reserved.files, allowance.files);
  const { percent, level } = fullnessOf(use);
  return {
    usedBytes: used.bytes + reserved.bytes,
    mostBytes: allowance.bytes,
    percent,
    level,
    label: allowance.bytes === null ? text('space.barLabelNoLimit') : text('space.barLabel', { percent: ofBytes }),
    segments: segments(use, details),
    files:
      allowance.files !== null && ofFiles >= Math.max(ofBytes, WARN_PERCENT)
        ? { used: used.files + reserved.files, most: allowance.files }
        : null,
  };
}

function segments({ used, reserved, allowance }: SpaceUse, details: SpaceDetails | null): Segment[] {
  const whole = Math.max(allowance.bytes ?? 0, used.bytes + reserved.bytes, 1);
  const sum = (kind: 'results' | 'trash' | 'unfinished') =>
    (details?.projects ?? []).reduce((total, share) => total + share[kind].bytes, 0);
  const results = sum('results');
  const trash = sum('trash');
  const half = sum('unfinished');
  const parts: [Segment['tone'], string, number][] = [
    ['u1', text('space.files'), Math.max(0, used.bytes - results - trash - half)],
    ['u3', text('space.results'), results],
    ['u2', text('space.waste'), trash + half + reserved.bytes],
  ];
  let from = 0;
  return parts.flatMap(([tone, label, bytes]) => {
    if (bytes === 0) return [];
    const segment = { tone, label, bytes, from, percent: rounded((100 * bytes) / whole) };
    from = rounded(from + segment.percent);
    return [segment];
  });
}

function rounded(percent: number): number {
  return Math.round(percent * 100) / 100;
}
