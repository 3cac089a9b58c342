import type { Run } from '../../common/queue/run.entity';
import { UNDO_MS } from '../../common/undo-time';
import { aRun } from '../../../test/factories';
import { mayComeBack } from './requeue';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('mayComeBack', () => {
  const cancelled = (over: Partial<Run> = {}) => aRun({ state: 'cancelled', starts: 0, startedMs: null, finishedMs: NOW - 1000, ...over });

  it('is for runs that were cancelled a short while ago, before they started', () => {
    expect(mayComeBack(cancelled(), NOW)).toBe(true);
    expect(mayComeBack(cancelled({ finishedMs: NOW - UNDO_MS + 1 }), NOW)).toBe(true);
  });

  it.each([
    { finishedMs: NOW - UNDO_MS },
    { finishedMs: null },
    { starts: 1 },
    { startedMs: NOW - 5000 },
    { state: 'queued' as const },
    { state: 'failed' as const },
  ])('is not for those with %p', (over) => expect(mayComeBack(cancelled(over), NOW)).toBe(false));
});
