import { aCapacity } from '../../../test/factories';
import { chooseRuns, type Candidate } from './choose-runs';
import { GuestOwners } from './guest-owners';
import { limitOf, type Limits } from './run-limits';

const run = (id: number, ownerId: string): Candidate => ({
  id,
  rank: 0,
  ownerId,
  pipelineId: 'nuclei',
  pipelineLimit: null,
  fence: 0,
  engine: 'process',
  cpu: 0,
  memory: 0,
  gpus: 0,
});

describe('GuestOwners', () => {
  it('asks once about accounts, and about guests every five seconds, since they may have become accounts', () => {
    let nowMs = 0;
    const owners = new GuestOwners(() => nowMs);
    const runs = [run(1, 'ada'), run(2, 'guest'), run(3, 'ada')];
    expect(owners.unknownAmong(runs)).toEqual(['ada', 'guest']);
    owners.learn(['ada', 'guest'], ['guest']);
    nowMs = 4999;
    expect([owners.unknownAmong(runs), owners.has('guest'), owners.has('ada')]).toEqual([[], true, false]);
    nowMs = 5000;
    expect(owners.unknownAmong(runs)).toEqual(['guest']);
    owners.learn(['guest'], []);
    nowMs = 1e9;
    expect([owners.unknownAmong(runs), owners.has('guest')]).toEqual([[], false]);
  });

  it('forgets guests who have no run any more', () => {
    let nowMs = 0;
    const owners = new GuestOwners(() => nowMs);
    owners.learn(['one'], ['one']);
    nowMs = 60_000;
    owners.learn(['two'], ['two']);
    expect([owners.has('one'), owners.has('two')]).toEqual([false, true]);
  });
});

describe('limits of guests', () => {
  const limits: Limits = { perOwner: 5, ofGuests: 1, guests: new Set(['guest', 'favoured']), ofOwners: new Map([['favoured', null]]) };

  it('apply to guests alone, and to none who has a limit of their own', () => {
    expect(['ada', 'guest', 'favoured'].map((ownerId) => limitOf(limits, ownerId))).toEqual([5, 1, null]);
    expect(limitOf({ perOwner: null, ofGuests: 1 }, 'guest')).toBeNull();
  });

  it('hold when runs are chosen', () => {
    const queue = ['guest', 'guest', 'ada', 'ada', 'favoured', 'favoured'].map((ownerId, index) => run(index + 1, ownerId));
    const chosen = chooseRuns(queue, [], aCapacity({ slots: 9 }), 9, limits);
    expect(chosen.map(({ candidate }) => candidate.id).toSorted((one, other) => one - other)).toEqual([1, 3, 4, 5, 6]);
  });
});
