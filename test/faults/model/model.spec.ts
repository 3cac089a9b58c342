import { check, type Invariant, type Report } from './checker';
import type { Flaw } from './protocol';

/** Two runners, one run, two starts: crashes, pauses, take-overs and cancels at every step, over the table of transitions of the code. */
describe('the protocol', () => {
  let report: Report;
  beforeAll(() => {
    report = check();
  }, 300_000);

  it('holds in every state that it can reach', () => {
    expect(Object.fromEntries(report.broken)).toEqual({});
    expect(report.states).toBeGreaterThan(10_000);
  });

  it('makes every transition that there is', () => {
    expect(report.unused).toEqual([]);
  });
});

describe.each<[Flaw, Invariant]>([
  ['noFence', 'I5 no write with an old fence'],
  ['noFence', 'I6 nothing of a final run is alive'],
  ['goBeforeAuthorise', 'I3 no more beginnings than starts, no more starts than allowed'],
  ['requeueWithoutSealing', 'I2 at most one payload is alive'],
  ['unstartWithoutSealing', 'I2 at most one payload is alive'],
  ['unstartWithoutSealing', 'I6 nothing of a final run is alive'],
])('a protocol broken by %s', (flaw, invariant) => {
  it(`is seen to break "${invariant}"`, () => {
    const story = check(flaw, invariant).broken.get(invariant);
    expect(story).toBeDefined();
    expect(story!.length).toBeGreaterThan(3);
  });
});
