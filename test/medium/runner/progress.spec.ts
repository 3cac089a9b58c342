import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const WAITS = 'while [ ! -e go ]; do sleep 0.02; done';

describe('progress', () => {
  let world: RunnerWorld;
  let stopRunner: () => Promise<void>;

  beforeAll(async () => {
    world = await RunnerWorld.open();
    stopRunner = await world.startRunner();
  });
  afterAll(async () => {
    await stopRunner();
    await world.close();
  });

  const untilProgress = (id: number, percent: number) => until(async () => (await world.find(id)).progress === percent);

  it('comes from the file that every program may write, which is no result', async () => {
    const id = await world.run(`echo '42% segmenting' > "$SHOWRUNNER_PROGRESS"; ${WAITS}; echo kept > result.txt`);
    await untilProgress(id, 42);
    expect((await world.find(id)).progressText).toBe('segmenting');
    writeFileSync(world.results(id, 'go'), '');
    await world.untilState(id, 'succeeded');
    expect(readdirSync(world.results(id)).sort()).toEqual(['go', 'result.txt']);
  });

  it('comes from well-known lines of the log, redrawn by carriage returns', async () => {
    const bar = `printf ' 10%%|#         | 1/10 [00:01<00:09,  1.0it/s]\\r 30%%|###       | 3/10 [00:03<00:07,  1.0it/s]\\r'`;
    const id = await world.run(`${bar}; ${WAITS}`, { progress: { lines: 'auto' } });
    await untilProgress(id, 30);
    writeFileSync(world.results(id, 'go'), '');
    await world.untilState(id, 'succeeded');
  });

  it('ends with the last words of a program, however short it was', async () => {
    const id = await world.run(`echo '100% 312 nuclei found'`, { progress: { pattern: '^(?<percent>\\d+)% (?<text>.*)$' } });
    expect(await world.untilState(id, 'succeeded')).toMatchObject({ progress: 100, progressText: '312 nuclei found' });
    const other = await world.run(`printf '{"done": 4, "total": 4, "text": "4 tiles"}' > "$SHOWRUNNER_PROGRESS"; exit 3`);
    expect(await world.untilState(other, 'failed')).toMatchObject({ progress: 100, progressText: '4 tiles' });
    expect(existsSync(world.results(other, '.showrunner-progress'))).toBe(false);
  });
});
