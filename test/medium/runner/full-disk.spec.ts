import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FullFolder, MOUNTS } from '../../full-folder';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const asRoot = MOUNTS ? it : it.skip;

asRoot(
  'a program is cancelled, and ended at its time limit, while no control file can be made',
  async () => {
    const world = await RunnerWorld.open();
    const disk = new FullFolder(join(world.database.folder, 'runs'));
    const stopRunner = await world.startRunner();
    try {
      // A success in answer to the signal is none.
      const polite = 'trap "exit 0" TERM; touch begun; while :; do sleep 0.05; done';
      const [cancelled, late] = [await world.run(polite), await world.run(polite, {}, { timeLimitSeconds: 4 })];
      for (const id of [cancelled, late]) await until(() => existsSync(world.results(id, 'begun')));
      disk.fill();
      await world.cancel(cancelled, 'Cancelled by Ada.');
      expect(await world.untilFinal(cancelled)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada.' });
      expect((await world.untilFinal(late)).state).toBe('timed_out');
    } finally {
      disk.makeRoom();
      await stopRunner();
      disk.remove();
      await world.close();
    }
  },
  60_000,
);
