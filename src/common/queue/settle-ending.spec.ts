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
});
