import { startMariadb, type MariadbServer } from '../tools/mariadb.mjs';
import { startSlurm, type SlurmCluster } from '../tools/slurm.mjs';
import { until } from '../until';
import { LyingTools } from './lying-tools';
import { SlurmStage, slurmHandle, WAIT_FOR_FILE } from './slurm-stage';

describe('a Slurm cluster with accounting', () => {
  let server: MariadbServer | null = null;
  let cluster: SlurmCluster;
  let tools: LyingTools;
  let stage: SlurmStage;
  let stopRunner: () => Promise<void>;

  beforeAll(async () => {
    const shared = process.env['TEST_MARIADB_SOCKET'];
    server = shared === undefined ? await startMariadb() : null;
    cluster = await startSlurm({ accounting: { socket: shared ?? server!.socket } });
    tools = new LyingTools();
    stage = await SlurmStage.open(cluster, { SLURM_BIN: tools.folder, SLURM_SILENCE: '20s' });
    stopRunner = await stage.world.startRunner();
  }, 90_000);
  afterAll(async () => {
    await stopRunner?.();
    await stage?.close();
    tools?.remove();
    await cluster?.stop();
    await server?.stop();
  });

  it('runs as without, and knows who cancelled a job', async () => {
    const id = await stage.run(WAIT_FOR_FILE);
    await stage.untilBegun(id);
    stage.letEnd(id);
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'failed', exitCode: 7 });
    const cancelled = await stage.run(WAIT_FOR_FILE);
    await cluster.run('scancel', [slurmHandle(await stage.untilBegun(cancelled)).jobId]);
    const { state, note } = await stage.world.untilFinal(cancelled);
    expect([state, note]).toEqual(['failed', expect.stringMatching(/cancelled its job/)]);
  });

  it('asks the accounting for a job that the controller has forgotten', async () => {
    const id = await stage.run('echo start >> life; sleep 600');
    const run = await stage.untilBegun(id);
    tools.tell('squeue', 'exit 0', 2000);
    tools.tell(
      'scontrol',
      'case "$2" in job) echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1;; *) exec $real "$@";; esac',
      2000,
    );
    await stage.world.untilState(id, 'unknown');
    await cluster.run('scancel', [slurmHandle(run).jobId]);
    await until(async () => ['failed', 'lost'].includes((await stage.world.find(id)).state), 40_000);
    expect(await stage.world.find(id)).toMatchObject({
      state: 'failed',
      note: 'User 0 of the cluster cancelled its job there.',
      starts: 1,
    });
  }, 60_000);
});
