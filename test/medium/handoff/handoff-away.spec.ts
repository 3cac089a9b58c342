import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { readConfig } from '../../../src/common/config/app-config';
import type { Execution } from '../../../src/runner/executors/executor';
import { HandoffExecutor } from '../../../src/runner/executors/handoff/handoff-executor';
import { anAssignment } from '../../factories';
import { HandoffHost } from '../../handoff-host';

/** As with a disk that is not mounted for a while. */
describe('a hand-off folder that is away', () => {
  let folder: string;
  let host: HandoffHost;
  let executor: HandoffExecutor;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-away-'));
    host = new HandoffHost(join(folder, 'shared'));
    executor = new HandoffExecutor(readConfig({ DATA_DIR: folder, PATH: process.env['PATH'] }));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const takeAway = () => renameSync(host.folder, join(folder, 'away'));
  const bringBack = () => renameSync(join(folder, 'away'), host.folder);

  async function start(): Promise<Execution> {
    const control = mkdtempSync(join(folder, 'control-'));
    const assignment = anAssignment({ folder: control, cwd: folder, runtime: host.runtime(), argv: ['true'] });
    const { handle, go } = await executor.prepare(assignment);
    await go();
    return { ...assignment, engine: 'handoff', handle };
  }

  it('lets nobody conclude anything of what was fetched, and all goes on when it is back', async () => {
    const execution = await start();
    const { id } = host.fetch()!;
    expect(await executor.observe(execution)).toEqual({ kind: 'running' });
    takeAway();
    expect(await executor.observe(execution)).toMatchObject({ kind: 'orphaned', evidence: expect.stringContaining(host.folder) });
    bringBack();
    expect(await executor.observe(execution)).toEqual({ kind: 'running' });
    host.tellEnd(id);
    expect(await executor.observe(execution)).toMatchObject({ kind: 'ended', completed: true });
  });

  it('leaves what waits in line waiting, with the reason, and able to be cancelled', async () => {
    await start();
    const waiting = await start();
    takeAway();
    expect(await executor.observe(waiting)).toMatchObject({ kind: 'pending', note: expect.stringContaining(host.folder) });
    await executor.stop(waiting, 0);
    expect(await executor.observe(waiting)).toMatchObject({ kind: 'ended', asked: true });
    expect(existsSync(host.folder)).toBe(false);
  });

  it('is told once in the log of the runner, however often it is looked at', async () => {
    const lines: string[] = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line: string) => void lines.push(line));
    await start();
    const execution = await start();
    takeAway();
    await executor.observe(execution);
    const over = new AbortController();
    const kept = executor.keepLog(execution, over.signal);
    const changed = executor.change(execution, over.signal);
    await sleep(1500);
    over.abort();
    await Promise.all([kept, changed]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(host.folder);
  });
});
