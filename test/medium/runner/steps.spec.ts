import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest, ParameterValues } from '../../../src/common/pipelines/manifest';
import type { OutcomeRecord } from '../../../src/common/pipelines/outcome/outcome-record';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import type { Run } from '../../../src/common/queue/run.entity';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const MANIFEST = `
command: ./job.sh
parameters:
  - { name: earlier, type: run, required: false }
  - { name: one, type: boolean }
  - { name: two, type: boolean }
arguments: []
stage:
  - { run: earlier, globs: ['data/**'] }
steps:
  - { id: one, title: First, parameter: one, start: '^>>> Start one', end: '^>>> End one', requiredOutputs: ['data/one/*.csv'], invalidates: ['data/two/**'] }
  - { id: two, title: Second, parameter: two, start: '^>>> Start two', end: '^>>> End two', requiredOutputs: [data/two/table.csv] }
runId: { env: RUN }
outcome:
  log: { errors: ['^ERROR'] }
  ended: { file: LAST_RUN_ID, equals: '{runId}' }
`;
const FIRST = 'echo ">>> Start one"; mkdir -p data/one; echo x >data/one/a.csv; echo ">>> End one"';
const SECOND = 'echo ">>> Start two"; mkdir -p data/two; echo x >data/two/table.csv; echo ">>> End two"';
const END = 'printf %s "$RUN" >LAST_RUN_ID';
const BOTH = { one: true, two: true };

/** Real programs, weighed by what they said and left. */
describe('the steps of a run', () => {
  let world: RunnerWorld;
  let stop: () => Promise<void>;
  let pipelines = 0;

  beforeAll(async () => {
    world = await RunnerWorld.open();
    stop = await world.startRunner();
  });
  afterAll(async () => {
    await stop();
    await world.close();
  });

  function submit(job: string, parameters: ParameterValues, over: Partial<Manifest> = {}, yaml = MANIFEST): Promise<number> {
    pipelines += 1;
    world.addPipeline(`p${pipelines}`, job);
    const compiled = compileYaml('x', yaml);
    if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
    const { id: _, ...whole } = compiled;
    return world.submit(`p${pipelines}`, { ...whole, ...over }, {}, parameters);
  }
  const record = (run: Pick<Run, 'id' | 'attempt'>) =>
    JSON.parse(readFileSync(world.control(run, 'outcome.json'), 'utf8')) as OutcomeRecord;

  it('succeed together', async () => {
    const run = await world.untilState(await submit([FIRST, SECOND, END].join('\n'), BOTH), 'succeeded');
    expect(run).toMatchObject({ exitCode: 0, note: '2 of 2 steps succeeded.' });
    expect(record(run).counts.steps).toEqual({ done: 2, total: 2 });
  });

  it('are told apart where one crashes and the status is 0', async () => {
    const crash = 'echo ">>> Start two"; echo "ERROR no cells"';
    const run = await world.untilFinal(await submit([FIRST, crash, END].join('\n'), BOTH));
    expect(run).toMatchObject({ state: 'partial', exitCode: 0, note: '1 of 2 steps succeeded. Failed: Second (ERROR no cells).' });
    const { steps } = record(run);
    expect(world.log(run).slice(steps[1].error?.at)).toBe('ERROR no cells\n');
  });

  it('tell a swallowed error, and an id that is written although all failed', async () => {
    const swallowed = '>>> Start one\\nERROR unreadable\\n>>> End one\\n';
    const run = await world.untilFinal(await submit(`printf '${swallowed}'\n${END}`, { one: true, two: false }));
    expect(run).toMatchObject({ state: 'failed', exitCode: 0, note: '0 of 1 step succeeded. Failed: First (ERROR unreadable).' });
  });

  it('tell how far a program came that was killed, and one that was cancelled', async () => {
    const killed = await world.untilFinal(await submit(`${FIRST}\necho ">>> Start two"\nkill -9 $$`, BOTH));
    expect(killed).toMatchObject({ state: 'failed', note: expect.stringMatching(/memory.* 1 of 2 steps succeeded\.$/) });
    const id = await submit(`${FIRST}\necho ">>> Start two"\nsleep 60`, BOTH);
    await until(async () => (await world.find(id)).progressText === 'Second (2 of 2 steps)', 20_000);
    expect((await world.find(id)).progress).toBeNull();
    await world.cancel(id, 'Cancelled by Ada.');
    expect(await world.untilFinal(id)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada. 1 of 2 steps succeeded.' });
  });

  it('that are not ticked are not missed, and one that another program keeps from working has failed', async () => {
    await world.untilState(await submit([FIRST, END].join('\n'), { one: true, two: false }), 'succeeded');
    const run = await world.untilFinal(await submit('echo "ERROR Another one is running"', BOTH));
    expect(run.state).toBe('failed');
    expect(run.note).toMatch(/^0 of 2 steps succeeded\. Not begun: First, Second\. .*LAST_RUN_ID.* Another one is running$/);
  });

  it('begin without what they make anew of an earlier run, and do not pass its files off as their own', async () => {
    const first = await submit([FIRST, SECOND, END].join('\n'), BOTH);
    await world.untilState(first, 'succeeded');
    const list = 'find data -type f | sort >found';
    const anew = await submit([list, FIRST, END].join('\n'), { one: true, two: false, earlier: String(first) });
    await world.untilState(anew, 'succeeded');
    expect(readFileSync(world.results(anew, 'found'), 'utf8')).toBe('data/one/a.csv\n');
    expect(existsSync(world.results(anew, 'data/two'))).toBe(false);
    // It says that it ended, changes the rights of all, and writes nothing: what is there is of the earlier run.
    const idle = '>>> Start two\\n>>> End two\\n';
    const stale = await world.untilFinal(
      await submit(`printf '${idle}'; chmod -R 777 data\n${END}`, { one: false, two: true, earlier: String(first) }),
    );
    expect(stale).toMatchObject({ state: 'failed', note: expect.stringContaining('Second (it wrote no new data/two/table.csv)') });
    expect(existsSync(world.results(stale.id, 'data/two/table.csv'))).toBe(true);
  });

  it('are tried again where the pipeline asks for it', async () => {
    const job = `${FIRST}\n[ "$SHOWRUNNER_ATTEMPT" = 2 ] || exit 0\n${SECOND}\n${END}`;
    const id = await submit(job, { one: false, two: true }, { retry: { starts: 2, on: ['failed'] } });
    const run = await world.untilState(id, 'succeeded');
    expect(run.attempt).toBe(2);
    expect(record({ id, attempt: 1 }).counts.steps.done).toBe(0);
  });

  it('are not looked for in required outputs that an earlier run left', async () => {
    const first = await submit([FIRST, SECOND, END].join('\n'), BOTH);
    await world.untilState(first, 'succeeded');
    const yaml = `command: ./job.sh\nparameters: [{ name: earlier, type: run }]\narguments: []\nstage: [{ run: earlier, globs: ['data/**'] }]\noutcome: { requiredOutputs: ['data/**'] }\n`;
    const run = await world.untilFinal(await submit('exit 0', { earlier: String(first) }, {}, yaml));
    expect(run).toMatchObject({ state: 'failed', note: expect.stringContaining('data/**') });
  });

  it('are rows of files where the pipeline says so', async () => {
    const yaml = `command: ./job.sh
parameters: [{ name: images, type: files }]
arguments: ['{images}']
outcome:
  rows: { of: images, key: '{images.stem}_', ok: 'Saved results for (?<row>.+)$', failed: "Failed to process '(?<row>.*)': (?<reason>.*)$", requiredOutputs: ['{images.stem}_mask.png'] }
`;
    for (const name of ['a', 'b', 'c']) {
      const path = join(world.database.folder, 'files', world.project.ownerId, world.project.id, `${name}.tif`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, name);
    }
    const job = `touch a_mask.png b_mask.png
echo "INFO: - Saved results for a_"; echo "ERROR: - Failed to process 'b_': not square"; echo "INFO: - Saved results for c_"`;
    const run = await world.untilFinal(await submit(job, { images: ['a', 'b', 'c'].map((name) => `project:${name}.tif`) }, {}, yaml));
    expect(run).toMatchObject({
      state: 'partial',
      exitCode: 0,
      note: '1 of 3 rows succeeded. Failed: b_ (not square), c_ (it wrote no new c_mask.png).',
    });
  });
});
