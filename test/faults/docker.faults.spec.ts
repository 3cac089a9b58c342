import { CAMPAIGN_WITHIN_MS, campaignOn, SEED } from './engine-campaign';
import { DockerWorld } from './engines/docker-world';

describe('runs in containers, while all that serves them dies', () => {
  it(
    `never vanish, start twice, stay or end wrongly (FAULT_SEED=${SEED})`,
    async () => {
      const report = await campaignOn(() => DockerWorld.open(SEED % 2 === 1), { jobs: 15, runners: 2, throughWeb: 0, pace: 2500 });
      expect(report.faults).toEqual([]);
      expect(Object.keys(report.troubles).length).toBeGreaterThan(2);
    },
    CAMPAIGN_WITHIN_MS,
  );
});
