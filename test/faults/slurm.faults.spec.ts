import { CAMPAIGN_WITHIN_MS, campaignOn, SEED } from './engine-campaign';
import { SlurmWorld } from './engines/slurm-world';

describe('runs as jobs of a cluster, while all that serves them dies', () => {
  it(
    `never vanish, start twice, stay or end wrongly (FAULT_SEED=${SEED})`,
    async () => {
      const report = await campaignOn(() => SlurmWorld.open(process.env['TEST_MARIADB_SOCKET']), {
        jobs: 8,
        runners: 2,
        throughWeb: 0,
        pace: 4000,
      });
      expect(report.faults).toEqual([]);
      expect(Object.keys(report.troubles).length).toBeGreaterThan(2);
    },
    CAMPAIGN_WITHIN_MS,
  );
});
