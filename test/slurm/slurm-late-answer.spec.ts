import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startSlurm, type SlurmCluster } from '../tools/slurm.mjs';
import { until } from '../until';
import { LyingTools } from './lying-tools';
import { SlurmStage } from './slurm-stage';

describe('an answer of squeue that comes late', () => {
  let cluster: SlurmCluster;
  let tools: LyingTools;
  let stage: SlurmStage;
  let stopRunner: () => Promise<void>;

  beforeAll(async () => {
    cluster = await startSlurm();
    tools = new LyingTools();
    // One answer counts for some seconds, as by default.
    stage = await SlurmStage.open(cluster, { SLURM_BIN: tools.folder, SLURM_POLL: '8s' });
    stopRunner = await stage.world.startRunner();
  }, 60_000);
  afterAll(async () => {
    await stopRunner?.();
    await stage?.close();
    tools?.remove();
    await cluster?.stop();
  });

  it('ends no program that began while it still told that its job waits', async () => {
    const free = await stage.occupy();
    const id = await stage.run('echo start >> life; sleep 3; echo end >> life');
    await stage.untilEngineNote(id, '.');
    const begun = stage.world.results(id, 'life');
    const late = `said=$($real "$@"; echo .); i=0; while [ ! -e ${begun} ] && [ $i -lt 40 ]; do sleep 0.1; i=$((i + 1)); done; printf '%s' "\${said%??}"`;
    tools.tell('squeue', late);
    await until(() => readdirSync(join(tools.folder, 'lies', 'squeue')).length === 0, 20_000);
    await free();
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'succeeded', starts: 1 });
    expect(stage.life(id)).toBe('start\nend\n');
  }, 60_000);
});
