import type { OutcomeRecord, PartOutcome } from '../pipelines/outcome/outcome-record';
import type { Ending } from './queue-store';
import { settleEnding, type PayloadEnd } from './settle-ending';

const end = (over: Partial<PayloadEnd> = {}): PayloadEnd => ({
  exitCode: 0,
  signal: null,
  stopReason: null,
  endedBeforeStop: false,
  outcome: { successCodes: [0], partialCodes: [3], requiredOutputs: [] },
  missingOutputs: [],
  ...over,
});

describe('settleEnding', () => {
  it('follows the codes of the pipeline', () => {
    expect(settleEnding(end())).toEqual({ state: 'succeeded', exitCode: 0, note: null });
    expect(settleEnding(end({ exitCode: 3 }))).toMatchObject({ state: 'partial', exitCode: 3 });
    expect(settleEnding(end({ exitCode: 1 }))).toEqual({ state: 'failed', exitCode: 1, note: 'The program ended with exit status 1.' });
    const unusual = { successCodes: [0, 7], partialCodes: [], requiredOutputs: [] };
    expect(settleEnding(end({ exitCode: 7, outcome: unusual })).state).toBe('succeeded');
  });

  it('tells of a success too that a part of it was ended for want of memory', () => {
    const lost = { cause: 'outOfMemory', causeNote: 'A part was ended.' } as const;
    expect(settleEnding(end(lost))).toEqual({ state: 'succeeded', exitCode: 0, note: 'A part was ended.' });
    expect(settleEnding(end({ ...lost, exitCode: 3 })).note).toMatch(/exit status 3.* A part was ended\.$/);
  });

  it('does not take completion for success', () => {
    const one = settleEnding(end({ missingOutputs: ['cells.csv'] }));
    expect(one.state).toBe('failed');
    expect(one.note).toContain('this file that it should have written is missing: cells.csv');
    expect(settleEnding(end({ exitCode: 3, missingOutputs: ['a', 'b'] })).note).toContain('are missing: a, b');
  });

  it.each([
    [{ exitCode: null, signal: 'SIGSEGV' }, /SIGSEGV/],
    [{ exitCode: 143 }, /SIGTERM/],
    [{ exitCode: 137 }, /memory/],
    [{ exitCode: null }, /without an exit status/],
  ])('names the signal of %p', (over, sentence) => {
    const ending = settleEnding(end(over));
    expect(ending.state).toBe('failed');
    expect(ending.note).toMatch(sentence);
  });

  it('weighs what came to its end without a status by its required outputs alone', () => {
    const told = end({ exitCode: null, completed: true, causeNote: 'It ended under another id.' });
    const required = { successCodes: [0], partialCodes: [], requiredOutputs: ['cells.csv'] };
    expect(settleEnding({ ...told, outcome: required })).toEqual({
      state: 'succeeded',
      exitCode: null,
      note: 'It ended under another id.',
    });
    expect(settleEnding({ ...told, outcome: required, missingOutputs: ['cells.csv'] }).state).toBe('failed');
    const unchecked = settleEnding(told);
    expect(unchecked).toMatchObject({ state: 'partial', note: expect.stringMatching(/^It ended under another id\. .*nobody knows/) });
    expect(settleEnding({ ...told, stopReason: 'cancel' })).toMatchObject({ state: 'cancelled', note: 'It ended under another id.' });
    expect(settleEnding({ ...told, stopReason: 'cancel', endedBeforeStop: true }).state).toBe('partial');
  });

  it('lets the recorded reason win when the run was stopped', () => {
    const cancelled = end({ exitCode: 143, stopReason: 'cancel', stopNote: 'Cancelled by Ada.' });
    expect(settleEnding(cancelled)).toEqual({ state: 'cancelled', exitCode: 143, note: 'Cancelled by Ada.' });
    expect(settleEnding(end({ exitCode: 137, stopReason: 'time_limit' }))).toMatchObject({
      state: 'timed_out',
      note: expect.stringMatching(/time limit/),
    });
    // A program that tidies up at SIGTERM and exits with 0 was cancelled all the same.
    expect(settleEnding(end({ stopReason: 'cancel' })).state).toBe('cancelled');
  });

  it('lets a success that came first stand, and no failure', () => {
    expect(settleEnding(end({ stopReason: 'cancel', endedBeforeStop: true })).state).toBe('succeeded');
    expect(settleEnding(end({ stopReason: 'time_limit', endedBeforeStop: true, exitCode: 3 })).state).toBe('partial');
    expect(settleEnding(end({ stopReason: 'cancel', endedBeforeStop: true, exitCode: 1 })).state).toBe('cancelled');
  });

  describe('with steps and rows', () => {
    const part = (title: string, cause: PartOutcome['cause']): PartOutcome => ({ title, cause, error: null, missing: [], seconds: null });
    const record = (done: number, total: number, over: Partial<OutcomeRecord> = {}): OutcomeRecord => ({
      steps: Array.from({ length: total }, (_, index) => part(`Step ${index + 1}`, index < done ? null : 'crashed')),
      rows: [],
      counts: { steps: { done, total }, rows: { done: 0, total: 0 } },
      ended: null,
      error: null,
      ...over,
    });
    const told = { text: 'no space left', at: 7 };

    // The table of docs/pipelines.md: what the status says, what became of the parts, what the run is then.
    it.each<[string, Partial<PayloadEnd>, Ending['state'], RegExp | null]>([
      ['all', { parts: record(2, 2) }, 'succeeded', /^2 of 2 steps succeeded\.$/],
      [
        'all, of which the kernel ended a part',
        { cause: 'outOfMemory', parts: record(2, 2) },
        'succeeded',
        /memory.* 2 of 2 steps succeeded\.$/,
      ],
      ['some', { parts: record(1, 2) }, 'partial', /^1 of 2 steps succeeded\. Failed: Step 2/],
      ['none', { parts: record(0, 2) }, 'failed', /^0 of 2 steps succeeded\./],
      [
        'all, of a status for success in part',
        { exitCode: 3, parts: record(2, 2) },
        'partial',
        /exit status 3.* 2 of 2 steps succeeded\.$/,
      ],
      ['none, of a status for success in part', { exitCode: 3, parts: record(0, 2) }, 'failed', /^0 of 2/],
      ['all, not at the end', { parts: record(2, 2, { ended: false }) }, 'partial', /did not come to the end.* 2 of 2 steps succeeded\.$/],
      ['all, and an error outside', { parts: record(2, 2, { error: told }) }, 'succeeded', /^2 of 2 steps succeeded\.$/],
      ['no parts', { parts: record(0, 0) }, 'succeeded', null],
      ['no parts, not at the end', { parts: record(0, 0, { ended: false }) }, 'failed', /did not come to the end/],
      ['no parts, an error', { parts: record(0, 0, { error: told }) }, 'failed', /tells of an error: no space left/],
      ['all, of a bad status', { exitCode: 1, parts: record(2, 2) }, 'failed', /exit status 1\. 2 of 2 steps succeeded\.$/],
      ['some, killed', { exitCode: 137, parts: record(1, 2) }, 'failed', /memory.* 1 of 2 steps succeeded\.$/],
      ['some, out of memory', { exitCode: 1, cause: 'outOfMemory', parts: record(1, 2) }, 'failed', /1 of 2 steps succeeded\.$/],
      [
        'some, cancelled',
        { exitCode: 143, stopReason: 'cancel', stopNote: 'By Ada.', parts: record(1, 2) },
        'cancelled',
        /^By Ada\. 1 of 2/,
      ],
      [
        'all, cancelled too late',
        { stopReason: 'cancel', endedBeforeStop: true, parts: record(2, 2) },
        'succeeded',
        /^2 of 2 steps succeeded\.$/,
      ],
      ['some, cancelled too late', { stopReason: 'cancel', endedBeforeStop: true, parts: record(1, 2) }, 'partial', /^1 of 2/],
      ['some, over time', { exitCode: 137, stopReason: 'time_limit', parts: record(1, 2) }, 'timed_out', /time limit.* 1 of 2/],
      ['all, a file missing', { missingOutputs: ['a.csv'], parts: record(2, 2) }, 'failed', /missing: a\.csv.* 2 of 2 steps succeeded\.$/],
      ['all, without a status', { exitCode: null, completed: true, parts: record(2, 2) }, 'succeeded', /^2 of 2 steps succeeded\.$/],
      ['some, without a status', { exitCode: null, completed: true, parts: record(1, 2) }, 'partial', /^1 of 2/],
    ])('%s', (_, over, state, note) => {
      const ending = settleEnding(end(over));
      expect(ending.state).toBe(state);
      if (note === null) expect(ending.note).toBeNull();
      else expect(ending.note).toMatch(note);
    });

    it('names a few of many, and is never longer than a note', () => {
      const rows = Array.from({ length: 500 }, (_, index) => ({
        ...part(`${'x'.repeat(300)} ${index}`, 'error'),
        error: { ...told, text: 'y'.repeat(300) },
      }));
      const many = record(0, 0, { rows, counts: { steps: { done: 0, total: 0 }, rows: { done: 7, total: 507 } } });
      const { note } = settleEnding(end({ parts: many }));
      expect(note).toMatch(/^7 of 507 rows succeeded\. Failed: .* and 497 more\.$/);
      expect(note?.length).toBeLessThan(1000);
    });

    it('never makes an end better than its status says', () => {
      const ranks = ['succeeded', 'partial', 'failed'];
      for (const exitCode of [0, 1, 3, 137, null]) {
        for (const [done, total] of [
          [0, 0],
          [0, 2],
          [1, 2],
          [2, 2],
        ]) {
          for (const ended of [null, true, false]) {
            const without = settleEnding(end({ exitCode }));
            const { state } = settleEnding(end({ exitCode, parts: record(done, total, { ended }) }));
            expect(ranks.indexOf(state)).toBeGreaterThanOrEqual(ranks.indexOf(without.state));
          }
        }
      }
    });
  });
});
