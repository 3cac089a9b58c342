import type { Run, RunEvent } from '../../src/common/queue/run.entity';
import { aRun } from '../factories';
import { findFaults, type CampaignEvidence } from './checker';
import type { JobKind } from './jobs';
import { Journal } from './journal';

const event = (fromState: RunEvent['fromState'], toState: RunEvent['toState'], fence: number, starts: number): RunEvent =>
  ({ runId: 1, fromState, toState, fence, attempt: fence === 0 ? 0 : 1, starts }) as RunEvent;

/** One run that ended as its program did. */
function evidence(over: Partial<Run> = {}, lines = 'start job-1 1 -\nend job-1 1 0\n', kind: JobKind = 'plain'): CampaignEvidence {
  const run = aRun({ id: 1, state: 'succeeded', attempt: 1, fence: 1, starts: 1, exitCode: 0, ...over });
  const job = { key: 'job-1', kind, seconds: '0', code: 0 };
  return {
    accepted: [{ runId: 1, job, cancelAsked: false }],
    runs: [run],
    events: [
      event(null, 'queued', 0, 0),
      event('queued', 'starting', 1, 0),
      event('starting', 'running', 1, 1),
      event('running', run.state, 1, 1),
    ],
    journal: new Journal(lines),
    destroyed: new Map(),
    survivors: [],
  };
}

describe('the checker of the campaigns', () => {
  it('finds nothing where all is well', () => {
    expect(findFaults(evidence())).toEqual([]);
    expect(findFaults(evidence({ state: 'failed', exitCode: 3, note: 'x' }, 'start job-1 1 -\nend job-1 1 3\n', 'failing'))).toEqual([]);
  });

  it.each<[string, CampaignEvidence, string]>([
    ['vanished', { ...evidence(), runs: [], events: [] }, 'was accepted and has no row'],
    ['stayed', evidence({ state: 'running' }), 'is still running'],
    ['was lost without a word', evidence({ state: 'lost', exitCode: null }), 'without a sentence'],
    ['was lost though nobody harmed it', evidence({ state: 'lost', exitCode: null, note: 'gone' }), 'nobody destroyed its evidence'],
    ['started twice', evidence({}, 'start job-1 1 -\nstart job-1 1 -\nend job-1 1 0\n'), 'an attempt of run 1 started twice'],
    ['started too often', evidence({}, 'start job-1 0 -\nstart job-1 1 -\nend job-1 1 0\n'), 'started 2 times, allowed are 1'],
    ['started without permission', evidence({ starts: 0 }), 'started 1 times, and 0 are written down'],
    ['lived twice at once', evidence({}, 'start job-1 1 -\noverlap job-1 1 -\nend job-1 1 0\n'), 'were alive at once'],
    ['succeeded without an end', evidence({}, 'start job-1 1 -\n'), 'wrote no good end'],
    ['failed although its program did not', evidence({ state: 'failed', exitCode: 1, note: 'x' }), 'its program ended 0'],
    ['failed with another status', evidence({ state: 'failed', exitCode: 1, note: 'x' }, 'start job-1 1 -\nend job-1 1 3\n'), 'ended 3'],
    ['was cancelled by nobody', evidence({ state: 'cancelled' }), 'nobody asked for a cancel'],
    ['ran out of time that it had', evidence({ state: 'timed_out', note: 'x' }, 'start job-1 1 -\n'), 'it had time enough'],
    ['left something alive', { ...evidence(), survivors: ['process 7'] }, 'still alive: process 7'],
    [
      'jumped from state to state',
      { ...evidence(), events: [event(null, 'queued', 0, 0), event('queued', 'succeeded', 1, 1)] },
      'queued → succeeded',
    ],
    [
      'went back in its fence',
      { ...evidence(), events: [...evidence().events.slice(0, 3), event('running', 'succeeded', 0, 1)] },
      'fence 1 → 0',
    ],
    ['has a row that its events do not know', { ...evidence(), events: evidence().events.slice(0, 3) }, 'the last event says running'],
  ])('sees a run that %s', (_what, seen, sentence) => {
    expect(findFaults(seen)).toContainEqual(expect.stringContaining(sentence));
  });

  it('forgives what the campaign itself destroyed, and nothing more', () => {
    const destroyed = new Map([[1, 'its supervisor was killed']]);
    expect(findFaults({ ...evidence({ state: 'lost', exitCode: null, note: 'gone' }), destroyed })).toEqual([]);
    expect(findFaults({ ...evidence({ state: 'failed', exitCode: null, note: 'x' }), destroyed })).toEqual([]);
    expect(findFaults({ ...evidence({ state: 'failed', exitCode: 1, note: 'x' }), destroyed })).toHaveLength(1);
  });
});
