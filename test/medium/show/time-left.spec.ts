import { Run } from '../../../src/common/queue/run.entity';
import { ShowStage, wordsOf } from './show-stage';

describe('how long a run still takes', () => {
  let stage: ShowStage;

  beforeAll(async () => {
    stage = await ShowStage.open();
  });
  afterAll(() => stage.close());

  /** A run of that pipeline that took so long. */
  async function history(pipelineId: string, seconds: number): Promise<void> {
    const { id, fence } = await stage.running({ pipelineId });
    const dataSource = await stage.web.database.connect();
    await dataSource.getRepository(Run).update({ id }, { startedMs: (await stage.store.nowMs()) - seconds * 1000 });
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
  }

  /** A run that has run for so long. */
  async function running(seconds: number, over: Partial<Run> = {}): Promise<Run> {
    const run = await stage.running({ pipelineId: `pipeline-${seconds}`, pipelineTitle: `Pipeline ${seconds}` });
    const dataSource = await stage.web.database.connect();
    const startedMs = (await stage.store.nowMs()) - seconds * 1000;
    await dataSource.getRepository(Run).update({ id: run.id }, { startedMs, ...over });
    return run;
  }

  it('stands on its page and in the queue, for those who may know its progress', async () => {
    const { id, fence } = await running(600);
    expect(wordsOf(await stage.page(id))).toMatch(/Running for 10 min( \d+ s)? \./);
    await stage.store.reportProgress({ runId: id, fence }, 25, 'tile 3 of 12');
    expect(wordsOf(await stage.page(id))).toMatch(/Running for 10 min( \d+ s)? , about 30 min left \..* 25 % /);
    const row = (body: string) => wordsOf(body.slice(body.indexOf(`id="run-${id}"`)).split('</tr>')[0]);
    expect(row((await stage.owner.get('/queue')).body)).toContain('25 % · about 30 min left');
    const other = stage.web.browser();
    await other.signUp();
    expect(row((await other.get('/queue')).body)).not.toMatch(/25 %|left/);
  });

  it('goes by the told progress where the history of its pipeline contradicts it, and gives no figure while little is told', async () => {
    await history('pipeline-700', 800);
    const { id, fence } = await running(700);
    const words = async () => wordsOf(await stage.page(id));
    expect(await words()).toMatch(/, about 2 min left \. Runs of this pipeline usually take about 13 min/);
    await stage.store.reportProgress({ runId: id, fence }, 2, 'tile 1 of 60');
    expect(await words()).toMatch(/Running for 11 min( \d+ s)? \. Runs of this pipeline/);
    await stage.store.reportProgress({ runId: id, fence }, 30, 'tile 18 of 60');
    expect(await words()).toMatch(/, about 25 min left \./);
    await stage.store.reportProgress({ runId: id, fence }, 5, 'tile 3 of 60');
    expect(await words()).toMatch(/, likely to reach its time limit first \./);
  });

  it('does not count what waits in a cluster or for a launcher', async () => {
    const { id } = await running(900, { engine: 'handoff', engineNote: 'Waits for the launcher on the host to fetch it.' });
    const words = wordsOf(await stage.page(id));
    expect(words).toContain('Waits for the launcher on the host to fetch it. Handed over 15 min ago');
    expect(words).not.toContain('Running for');
  });
});
