import { CRASH_POINTS } from '../../src/runner/crash-points';
import { Campaign, keepReport } from './campaign';
import { ProcessWorld } from './engines/process-world';

const isLong = process.env['CAMPAIGN'] === '1';
const JOBS = Number(process.env['FAULT_JOBS'] ?? (isLong ? 200 : 40));
const SEED = Number(process.env['FAULT_SEED'] ?? 1);

describe('runs of local processes, while all that serves them dies', () => {
  it(
    `never vanish, start twice, stay or end wrongly (${JOBS} runs, FAULT_SEED=${SEED})`,
    async () => {
      const plan = { seed: SEED, jobs: JOBS, runners: 3, troubleMs: isLong ? 300_000 : 60_000, throughWeb: 0.25 };
      const campaign = await Campaign.open(plan, new ProcessWorld());
      try {
        const report = await campaign.run();
        keepReport(report);
        expect(report.faults).toEqual([]);
        expect(CRASH_POINTS.filter((point) => !report.points[point])).toEqual([]);
        expect(report.takeOvers).toBeGreaterThan(0);
      } finally {
        await campaign.close();
      }
    },
    isLong ? 900_000 : 300_000,
  );
});
