import { ENGINES, type Engine } from '../../../src/common/pipelines/runtime';
import { check, type Invariant, type Report } from './checker';
import type { Flaw } from './protocol';

/** One engine of each kind of start, a child or an order to somebody else; `npm run campaign model` has all, in more worlds. */
const CHECKED: readonly Engine[] = process.env['MODEL_DEEP'] === '1' ? ENGINES : ['process', 'slurm'];

/**
 * Two runners, one run, two starts, over the table of transitions of the code: crashes, pauses, second runners of a name, restarts of the
 * machine, take-overs and cancels at every step, a database that forgets, with the start protocol of each engine.
 */
describe.each(CHECKED)('the protocol with the engine %s', (engine) => {
  let report: Report;
  beforeAll(() => {
    report = check(engine);
    process.stdout.write(`model of ${engine}: ${report.states} states\n`);
  }, 300_000);

  it('holds in every state that it can reach', () => {
    expect(Object.fromEntries(report.broken)).toEqual({});
    expect(report.states).toBeGreaterThan(10_000);
  });

  it('makes every transition that there is', () => {
    expect(report.unused).toEqual([]);
  });
});

describe.each<[Flaw, Engine, Invariant]>([
  ['noFence', 'process', 'I5 no write with an old fence'],
  ['noFence', 'process', 'I6 nothing of a final run is alive'],
  ['goBeforeAuthorise', 'process', 'I3 no more beginnings than starts, no more starts than allowed'],
  // What "submit, then write the number down" amounts to.
  ['goBeforeAuthorise', 'slurm', 'I3 no more beginnings than starts, no more starts than allowed'],
  ['requeueWithoutSealing', 'process', 'I2 at most one payload is alive'],
  ['requeueWithoutSealing', 'docker', 'I2 at most one payload is alive'],
  ['unstartWithoutSealing', 'process', 'I2 at most one payload is alive'],
  ['unstartWithoutSealing', 'process', 'I6 nothing of a final run is alive'],
  ['unstartWithoutSealing', 'handoff', 'I2 at most one payload is alive'],
  ['givesBackWhatBegan', 'process', 'I2 at most one payload is alive'],
  ['givesBackWhatBegan', 'slurm', 'I6 nothing of a final run is alive'],
  ['startWithoutMarker', 'docker', 'I1 an attempt begins at most once'],
  ['startWithoutMarker', 'slurm', 'I1 an attempt begins at most once'],
  ['startWithoutMarker', 'handoff', 'I1 an attempt begins at most once'],
  ['startWithoutMarker', 'process', 'I6 nothing of a final run is alive'],
  ['believesAbsence', 'slurm', 'I6 nothing of a final run is alive'],
  ['trustsNumbers', 'slurm', 'I7 a success has a good record of its own'],
])('a protocol broken by %s with the engine %s', (flaw, engine, invariant) => {
  it(`is seen to break "${invariant}"`, () => {
    const story = check(engine, flaw, invariant).broken.get(invariant);
    expect(story).toBeDefined();
    expect(story!.length).toBeGreaterThan(3);
  });
});
