import { CAMPAIGN_WITHIN_MS, campaignOn, SEED } from './engine-campaign';
import { HandoffWorld } from './engines/handoff-world';

describe('runs that a launcher starts, while all that serves them dies', () => {
  it(
    `never vanish, start twice, stay or end wrongly (FAULT_SEED=${SEED})`,
    async () => {
      const report = await campaignOn(() => new HandoffWorld(), { jobs: 8, runners: 2, throughWeb: 0, pace: 4000 });
      expect(report.faults).toEqual([]);
      expect(Object.keys(report.troubles).length).toBeGreaterThan(2);
    },
    CAMPAIGN_WITHIN_MS,
  );
});
