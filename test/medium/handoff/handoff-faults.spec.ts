import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../faults/random';
import { endHard, HandoffHost } from '../../handoff-host';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const RUNS = 12;
const JOB = 'echo "start $RUN_ID" >> "$2"; sleep 0.1; echo "end $RUN_ID" >> "$2"';

describe('a launcher that is killed again and again', () => {
  let world: RunnerWorld;
  let stopRunner: () => Promise<void>;
  let host: HandoffHost;

  beforeAll(async () => {
    world = await RunnerWorld.open({ RUNNER_ENGINES: 'handoff', RUNNER_REMOTE_SLOTS: '100' });
    stopRunner = await world.startRunner();
    host = new HandoffHost(join(world.database.folder, 'handoff'));
  });
  afterAll(async () => {
    await host.close();
    await stopRunner();
    await world.close();
  });

  it('starts nothing twice, and every run ends as its program says', async () => {
    const random = new Random(20_261_122);
    const journal = host.path('journal');
    writeFileSync(journal, '');
    const manifest = host.manifest(JOB);
    const runtime = { ...manifest.runtime, command: [...manifest.runtime.command, 'unused', journal] };
    const ids = await Promise.all(
      Array.from({ length: RUNS }, () => world.submit('shell', { runtime, arguments: [] }, { engine: 'handoff' })),
    );
    const isOver = async () => (await world.runs()).every(({ finishedMs }) => finishedMs !== null);
    let kills = 0;
    let sessions = 0;
    while (kills < RUNS && !(await isOver())) {
      const launcher = host.start();
      // Now and then whoever waits for the program goes too.
      const isBoth = kills % 2 === 1;
      if (isBoth) await until(async () => host.isAtWork || (await isOver()));
      else await sleep(random.between(5, 400));
      await endHard(launcher);
      if (isBoth) sessions += host.killSessions();
      kills += 1;
    }
    host.start();
    await until(isOver, 60_000);
    const lines = readFileSync(journal, 'utf8').split('\n').filter(Boolean);
    const counted = (word: string, id: number) => lines.filter((line) => line.startsWith(`${word} ${id}-`)).length;
    const states: Record<string, number> = {};
    for (const run of await world.runs()) {
      states[run.state] = (states[run.state] ?? 0) + 1;
      expect({ id: run.id, starts: counted('start', run.id) > 1 }).toEqual({ id: run.id, starts: false });
      // With the launcher and whoever waited for its program nobody is left who knows the status: such a run is lost, whether or not it began.
      if (run.state === 'succeeded') expect([counted('start', run.id), counted('end', run.id)]).toEqual([1, 1]);
      else expect(run).toMatchObject({ state: 'lost', note: expect.stringContaining('launcher') });
    }
    expect(kills).toBeGreaterThan(3);
    expect(sessions).toBeGreaterThan(0);
    expect(states['succeeded']).toBeGreaterThan(0);
    expect(ids).toHaveLength(RUNS);
  }, 60_000);
});
