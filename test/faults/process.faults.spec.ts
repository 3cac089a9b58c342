import { CRASH_POINTS } from '../../src/runner/crash-points';
import { CAMPAIGN_WITHIN_MS, campaignOn, SEED } from './engine-campaign';
import { ProcessWorld } from './engines/process-world';

describe('runs of local processes, while all that serves them dies', () => {
  it(
    `never vanish, start twice, stay or end wrongly (FAULT_SEED=${SEED})`,
    async () => {
      const report = await campaignOn(() => new ProcessWorld(), { jobs: 40, runners: 3, throughWeb: 0.25, pace: 1500 });
      expect(report.faults).toEqual([]);
      expect(CRASH_POINTS.filter((point) => !report.points[point])).toEqual([]);
      expect(report.takeOvers).toBeGreaterThan(0);
    },
    CAMPAIGN_WITHIN_MS,
  );
});
