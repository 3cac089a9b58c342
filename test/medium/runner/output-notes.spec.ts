import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOutputRecord, type OutputRecord } from '../../../src/common/outputs/output-record';
import type { Run } from '../../../src/common/queue/run.entity';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const sha = (content: string) => createHash('sha256').update(content).digest('hex');
const SCRIPT = `cd "$1" && mkdir -p deep && printf one > a.txt && printf two > deep/b.txt && : > empty && echo 50 > .showrunner-progress && ln -s /etc/passwd link`;

describe('the record of outputs', () => {
  let world: RunnerWorld;
  let stop: () => Promise<void>;

  async function open(settings: Record<string, string> = {}): Promise<void> {
    world = await RunnerWorld.open(settings);
    world.addPipeline('write', SCRIPT);
    stop = await world.startRunner();
  }
  afterEach(async () => {
    await stop();
    await world.close();
  });

  const recordOf = (run: Pick<Run, 'id' | 'attempt'>): OutputRecord | null => {
    const path = world.control(run, 'outputs.json');
    return existsSync(path) ? asOutputRecord(JSON.parse(readFileSync(path, 'utf8'))) : null;
  };
  const MANIFEST = { arguments: [{ kind: 'outputFolder' as const, flag: null, style: 'bare' as const }] };
  const untilDone = async (run: Pick<Run, 'id' | 'attempt'>) => {
    await until(() => recordOf(run)?.done ?? false);
    return recordOf(run)!;
  };

  it('names each file that a run has left, with its SHA-256', async () => {
    await open();
    const run = await world.untilState(await world.submit('write', MANIFEST), 'succeeded');
    const { files, complete } = await untilDone(run);
    expect(complete).toBe(true);
    expect(files.map(({ path, size, sha256 }) => [path, size, sha256])).toEqual([
      ['a.txt', 3, sha('one')],
      ['deep/b.txt', 3, sha('two')],
      ['empty', 0, sha('')],
    ]);
  });

  it('is made of runs that failed, too, and has no checksums where nothing is to be computed', async () => {
    await open({ RESULT_CHECKSUMS: 'off' });
    world.addPipeline('fail', `${SCRIPT}; exit 3`);
    const run = await world.untilState(await world.submit('fail', MANIFEST), 'failed');
    const { files } = await untilDone(run);
    expect(files.map(({ sha256 }) => sha256)).toEqual([null, null, null]);
  });

  it('does not hold up the end of a runner', async () => {
    await open();
    world.addPipeline('huge', 'cd "$1" && truncate -s 400G huge.bin');
    const run = await world.untilState(await world.submit('huge', MANIFEST), 'succeeded');
    await until(() => recordOf(run) !== null);
    // What others leave meanwhile is written down at once, too: checksums are what they wait for.
    const next = await world.untilState(await world.submit('write', MANIFEST), 'succeeded');
    await until(() => recordOf(next) !== null);
    expect(recordOf(next)).toMatchObject({ done: false, files: [{ path: 'a.txt', sha256: null }, {}, {}] });
    const beganMs = performance.now();
    await stop();
    expect(performance.now() - beganMs).toBeLessThan(5000);
    expect(recordOf(run)).toMatchObject({ done: false, files: [{ path: 'huge.bin', sha256: null }] });
    const left = execFileSync('ls', [join(world.control(run, 'outputs.json'), '..')]).toString();
    expect(left).not.toMatch(/outputs\.json\../);
  });
});
