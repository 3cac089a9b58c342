import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/common/config/app-config';
import type { Execution } from '../../../src/runner/executors/executor';
import { HandoffExecutor } from '../../../src/runner/executors/handoff/handoff-executor';
import { readProcess } from '../../../src/runner/executors/process-table';
import { anAssignment } from '../../factories';
import { endHard, HandoffHost } from '../../handoff-host';
import { until } from '../../until';

/** Notes who it is and waits until it may end. */
const WAITS = 'echo $$ > pid; while [ ! -e end ]; do sleep 0.02; done';
/** Leaves a process behind that is in no group of its own program any more, and that nothing waits for. */
const LEAVES = 'setsid sh -c "echo \\$\\$ > left; exec sleep 1000" & while [ ! -s left ]; do sleep 0.02; done';

describe('the launcher that ships', () => {
  let folder: string;
  let host: HandoffHost;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-launcher-'));
    host = new HandoffHost(join(folder, 'shared'));
  });
  afterEach(async () => {
    await host.close();
    if (existsSync(host.path('work', 'left')) && isAlive('left')) process.kill(numberIn('left'), 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const numberIn = (name: string) => Number(readFileSync(host.path('work', name), 'utf8'));
  const isAlive = (name: string) => readProcess(numberIn(name))?.zombie === false;
  const isWritten = (name: string) => existsSync(host.path('work', name)) && numberIn(name) > 0;
  const told = (id: string, kind = 'exit') => readFileSync(host.path('.showrunner', `${id}.${kind}`), 'utf8').trim();
  const hasTold = (id: string) => existsSync(host.path('.showrunner', `${id}.exit`));
  const letEnd = () => writeFileSync(host.path('work', 'end'), '');

  it('is not kept out by what a program leaves behind, and ends that', async () => {
    host.lay('r1', `${LEAVES}; exit 3`);
    await host.tick();
    expect([told('r1'), told('r1', 'left')]).toEqual(['3', '1']);
    expect(isAlive('left')).toBe(false);
    host.lay('r2', 'exit 4');
    await host.tick();
    expect(told('r2')).toBe('4');
    expect(existsSync(host.path('.showrunner', 'r2.left'))).toBe(false);
  });

  it('leaves alone what a program started to stay', async () => {
    host.lay('r1', `export SHOWRUNNER_HANDOFF=; ${LEAVES}`);
    await host.tick();
    expect(told('r1')).toBe('0');
    expect(isAlive('left')).toBe(true);
    host.lay('r2', 'exit 4');
    await host.tick();
    expect(told('r2')).toBe('4');
  });

  it('begins nothing beside a program whose launcher was killed, hears its cancel, and tells its end', async () => {
    const launcher = host.start();
    host.lay('r1', `${WAITS}; exit 5`);
    await until(() => isWritten('pid'));
    await endHard(launcher);
    host.lay('r2', 'exit 4');
    await host.tick();
    expect([isAlive('pid'), hasTold('r1'), hasTold('r2')]).toEqual([true, false, false]);
    letEnd();
    await until(async () => {
      await host.tick();
      return hasTold('r2');
    });
    expect([told('r1'), told('r2')]).toEqual(['5', '4']);
  });

  it('hears a cancel of a program whose launcher was killed, with all that watched beside it', async () => {
    const launcher = host.start();
    host.lay('r1', `trap 'exit 6' TERM; ${WAITS}`);
    await until(() => isWritten('pid'));
    host.killWatcher();
    await endHard(launcher);
    writeFileSync(host.path('.showrunner', 'r1.cancel'), '5\n');
    await until(async () => {
      await host.tick();
      return hasTold('r1');
    });
    expect([told('r1'), isAlive('pid')]).toEqual(['6', false]);
  });

  it('makes its work folder again that a program removed', async () => {
    host.start();
    host.lay('r1', 'rm -rf "$WORK"');
    await until(() => hasTold('r1'));
    host.lay('r2', 'exit 4');
    await until(() => hasTold('r2'), 5000);
    expect(told('r2')).toBe('4');
  });

  it('writes the log through no link', async () => {
    writeFileSync(join(folder, 'outside'), 'of the host');
    symlinkSync(join(folder, 'outside'), host.path('log.txt'));
    host.lay('r1', 'echo said');
    await host.tick();
    expect(readFileSync(host.path('log.txt'), 'utf8')).toBe('said\n');
    expect(readFileSync(join(folder, 'outside'), 'utf8')).toBe('of the host');
  });

  it('tells the runner how much it ended', async () => {
    const executor = new HandoffExecutor(readConfig({ DATA_DIR: folder, PATH: process.env['PATH'] }));
    const control = mkdtempSync(join(folder, 'control-'));
    const runtime = host.runtime();
    const assignment = anAssignment({ folder: control, cwd: folder, runtime, argv: ['/bin/sh', '-c', LEAVES] });
    const { handle, go } = await executor.prepare(assignment);
    await go();
    await host.tick();
    const execution: Execution = { ...assignment, engine: 'handoff', handle };
    expect(await executor.observe(execution)).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(await executor.sweep(execution)).toBe(1);
    await executor.forget(execution);
    expect(host.ownNames().filter((name) => name.endsWith('.left'))).toEqual([]);
  });
});
