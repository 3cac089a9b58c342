import { setTimeout as sleep } from 'node:timers/promises';
import { CRASH_POINTS } from '../../src/runner/crash-points';
import { until } from '../until';
import { Campaign } from './campaign';
import { findFaults } from './checker';

const isLong = process.env['CAMPAIGN'] === '1';
const JOBS = Number(process.env['FAULT_JOBS'] ?? (isLong ? 200 : 40));
const SEED = Number(process.env['FAULT_SEED'] ?? 1);

describe('runners and a database that die at any moment', () => {
  it(
    `lose nothing and start nothing twice (${JOBS} runs, FAULT_SEED=${SEED})`,
    async () => {
      const campaign = await Campaign.open({ seed: SEED, jobs: JOBS, runners: 3, troubleMs: isLong ? 240_000 : 60_000 });
      try {
        const report = await campaign.run();
        process.stdout.write(`${JSON.stringify(report)}\n`);
        expect(report.faults).toEqual([]);
        expect(CRASH_POINTS.filter((point) => !report.points[point])).toEqual([]);
        expect(report.takeOvers).toBeGreaterThan(0);
      } finally {
        await campaign.close();
      }
    },
    isLong ? 600_000 : 120_000,
  );

  it('would be caught by this checker if expiry meant "run it again"', async () => {
    const campaign = await Campaign.open({ seed: SEED, jobs: 0, runners: 2, troubleMs: 0 });
    const { world } = campaign;
    try {
      const frozen = await campaign.seat(0);
      const runId = await campaign.submitJob('3');
      await world.untilState(runId, 'running');
      await until(() => campaign.journal().starts.length === 1);
      await world.freeze(frozen);
      // The rule of most queues: what has not been heard of for the length of a lease is free again.
      await sleep(2000);
      await world.dataSource.query(`UPDATE queue SET state = 'queued', fence = fence + 1, starts = 0 WHERE id = ${runId}`);
      await campaign.seat(1);
      await until(() => campaign.journal().starts.length === 2);
      const run = await world.find(runId);
      expect(findFaults([runId], [run], await world.events(runId), campaign.journal())).toContainEqual(
        expect.stringContaining(`run ${runId} started 2 times`),
      );
    } finally {
      await campaign.close();
    }
  }, 60_000);
});
