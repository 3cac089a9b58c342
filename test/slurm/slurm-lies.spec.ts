import { startSlurm, type SlurmCluster } from '../tools/slurm.mjs';
import { until } from '../until';
import { LyingTools, type LyingTool } from './lying-tools';
import { SlurmStage, WAIT_FOR_FILE } from './slurm-stage';

const SOCKET = 'echo "error: Batch job submission failed: Socket timed out on send/recv operation" >&2';
/** Of a cluster whose configuration is found by DNS, while that is away. */
const NO_NAMES = [
  'resolve_ctls_from_dns_srv: res_nsearch error: Unknown host',
  'fetch_config: DNS SRV lookup failed',
  '_establish_config_source: failed to fetch config',
]
  .map((line) => `echo "sbatch: error: ${line}" >&2`)
  .concat('echo "sbatch: fatal: Could not establish a configuration source" >&2')
  .join('; ');
const RELEASE = 'case "$*" in release*)';

/** What a tool does instead of what it should, once or several times, and how many attempts the run may need then. */
const LIES: [what: string, tool: LyingTool, lie: string, times: number, attempt: number][] = [
  ['sbatch takes the job and says that it timed out', 'sbatch', `$real "$@" >/dev/null; ${SOCKET}; exit 1`, 1, 1],
  ['sbatch takes the job and says nothing', 'sbatch', '$real "$@" >/dev/null; exit 0', 1, 1],
  ['sbatch takes the job and answers in words', 'sbatch', 'echo "Your job is job $($real "$@")."; exit 0', 1, 1],
  ['sbatch takes the job and calls itself refused', 'sbatch', '$real "$@" >/dev/null; echo "error: Invalid partition" >&2; exit 1', 1, 1],
  ['sbatch takes nothing and ends with 0 and an error', 'sbatch', `${SOCKET}; exit 0`, 1, 2],
  ['sbatch does not find its cluster', 'sbatch', `${NO_NAMES}; exit 1`, 1, 2],
  ['squeue does not find its cluster', 'squeue', `${NO_NAMES}; exit 1`, 3, 1],
  ['sbatch takes nothing and says that it timed out', 'sbatch', `${SOCKET}; exit 1`, 1, 2],
  ['sbatch takes the job twice', 'sbatch', '$real "$@" >/dev/null; exec $real "$@"', 1, 1],
  ['sbatch takes the job twice and says nothing', 'sbatch', '$real "$@" >/dev/null; $real "$@" >/dev/null; exit 1', 1, 1],
  ["sbatch tells another job's id", 'sbatch', '$real "$@" >/dev/null; echo 1', 1, 1],
  ['squeue knows no job', 'squeue', 'exit 0', 3, 1],
  ['squeue ends with 0 and an error', 'squeue', 'echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 0', 3, 1],
  ['squeue calls the id invalid', 'squeue', 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1', 3, 1],
  ['squeue speaks nonsense', 'squeue', 'echo "JOBID 1 COMPLETED"; head -c 300 /dev/urandom; exit 0', 3, 1],
  ['squeue adds what looks like a job', 'squeue', '$real "$@"; printf "\\036901\\037FAILED\\037None\\0371\\037\\037x\\037x\\037\\n"', 3, 1],
  ['scontrol releases and says that it failed', 'scontrol', `${RELEASE} $real "$@"; ${SOCKET}; exit 1;; *) exec $real "$@";; esac`, 1, 1],
  ['scontrol releases nothing and says that it timed out', 'scontrol', `${RELEASE} ${SOCKET}; exit 1;; *) exec $real "$@";; esac`, 1, 1],
  ['scontrol releases nothing and says nothing', 'scontrol', `${RELEASE} exit 0;; *) exec $real "$@";; esac`, 1, 1],
];

describe('tools of Slurm that lie', () => {
  let cluster: SlurmCluster;
  let tools: LyingTools;
  let stage: SlurmStage;
  let stopRunner: () => Promise<void>;

  beforeAll(async () => {
    cluster = await startSlurm();
    tools = new LyingTools();
    stage = await SlurmStage.open(cluster, { SLURM_BIN: tools.folder, SLURM_SILENCE: '4s' });
    stopRunner = await stage.world.startRunner();
  }, 60_000);
  afterAll(async () => {
    await stopRunner?.();
    await stage?.close();
    tools?.remove();
    await cluster?.stop();
  });

  it.each(LIES)('start nothing twice and lose nothing when %s', async (_what, tool, lie, times, attempt) => {
    // The job with the number 1 is somebody else's and must not be touched.
    const bystander = await cluster.run('sbatch', ['--parsable', '-H', '-o', '/dev/null', '--wrap', 'sleep 1']);
    tools.tell(tool, lie, times);
    const id = await stage.run('echo start >> life; sleep 0.2; echo end >> life');
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'succeeded', attempt, starts: 1 });
    expect(stage.life(id)).toBe('start\nend\n');
    const { stdout } = await cluster.run('squeue', ['-h', '-j', bystander.stdout.trim(), '-o', '%T %r']);
    expect(stdout.trim()).toBe('PENDING JobHeldUser');
  });

  it('call a run lost, and never a success, whose job all tools have forgotten and that left no record', async () => {
    const id = await stage.run('echo start >> life; sleep 600');
    await stage.untilBegun(id);
    tools.tell('squeue', 'exit 0', 400);
    tools.tell('scontrol', 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1', 400);
    expect(await stage.world.untilState(id, 'unknown')).toMatchObject({ note: expect.stringContaining('does not know job') });
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'lost', starts: 1 });
  });

  it('end a cancelled run although scancel does nothing at first', async () => {
    tools.forgetAll();
    const id = await stage.run(WAIT_FOR_FILE);
    await stage.untilBegun(id);
    tools.tell('scancel', 'exit 0', 1);
    await stage.world.cancel(id, 'Cancelled by Ada');
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'cancelled' });
    await until(() => stage.life(id) === 'start\n');
  });
});
