import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RunnerWorld } from '../../runner-world';

describe('the folder for results', () => {
  let world: RunnerWorld;
  let folder: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    world = await RunnerWorld.open();
    folder = join(world.database.config.filesRoot, world.project.ownerId, world.project.id);
    stop = await world.startRunner();
  });
  afterAll(async () => {
    await stop?.();
    await world?.close();
  });

  it('is refused with a sentence when something else has its place', async () => {
    symlinkSync('/tmp', join(folder, 'runs'));
    const run = await world.untilFinal(await world.run('exit 0'));
    expect(run).toMatchObject({ state: 'failed', note: expect.stringContaining('was replaced by something else') });
    rmSync(join(folder, 'runs'));
    mkdirSync(join(folder, 'runs'));
    expect(await world.untilFinal(await world.run('exit 0'))).toMatchObject({ state: 'succeeded' });
  });

  it('does not bring back a project that is being deleted', async () => {
    rmSync(folder, { recursive: true });
    const run = await world.untilFinal(await world.run('exit 0'));
    expect(run).toMatchObject({ state: 'failed', note: 'The project was deleted before the run could start.' });
    expect(existsSync(folder)).toBe(false);
  });
});
