import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until';
import { Campaign } from './campaign';
import { findFaults } from './checker';
import { ProcessWorld } from './engines/process-world';
import { plainJob } from './jobs';

const QUIET = { seed: 1, jobs: 0, runners: 2, troubleMs: 0, everyPoint: false, throughWeb: 0 };
const WITHIN_MS = 120_000;

/** Protocols that others use, or that ours would be without one of its parts: the campaign has to see what they do. */
describe('a campaign on a broken protocol', () => {
  let campaign: Campaign;
  beforeEach(async () => {
    campaign = await Campaign.open(QUIET, new ProcessWorld());
  });
  afterEach(() => campaign.close());

  const starts = () => campaign.journal().of('job', 'start').length;
  async function faults(): Promise<string[]> {
    const { accepted, destroyed } = campaign;
    const runs = await campaign.world.runs();
    return findFaults({ accepted, runs, events: [], journal: campaign.journal(), destroyed, survivors: [] });
  }

  it(
    'sees that "expired, so run it again" starts twice',
    async () => {
      const { world, seats } = campaign;
      const frozen = seats.start(seats.all[0]);
      const { runId } = await campaign.submit(plainJob('job', '30'));
      await world.untilState(runId, 'running');
      await until(() => starts() === 1);
      await world.freeze(frozen);
      await world.dataSource.query(`UPDATE queue SET state = 'queued', fence = fence + 1, starts = 0 WHERE id = ${runId}`);
      seats.start(seats.all[1]);
      await until(() => starts() === 2, WITHIN_MS / 2);
      expect(await faults()).toContainEqual(expect.stringContaining(`run ${runId} started 2 times, allowed are 1`));
    },
    WITHIN_MS,
  );

  it(
    'sees that programs whose start-once marker anybody may write start twice',
    async () => {
      const { world, seats } = campaign;
      const script = join(campaign.home, 'dist', 'runner', 'executors', 'supervise.sh');
      const whole = readFileSync(script, 'utf8');
      const without = whole.replace(`{ printf go >"$folder/started"; } 2>/dev/null || exit 0`, `printf go >|"$folder/started"`);
      expect(without).not.toBe(whole);
      writeFileSync(script, without);
      // It has the permission to start, and falls asleep before it says go.
      const paused = seats.start(seats.all[0], 'afterAuthorise', 'pause');
      const { runId } = await campaign.submit(plainJob('job', '30'));
      await world.untilState(runId, 'running');
      seats.start(seats.all[1]);
      await until(() => starts() === 1, WITHIN_MS / 2);
      for (; starts() < 2; await sleep(50)) paused.child.kill('SIGCONT');
      expect(await faults()).toContainEqual(expect.stringContaining(`run ${runId} started 2 times, allowed are 1`));
    },
    WITHIN_MS,
  );
});
