import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readProcess } from '../processes/process-entry';
import { isHolderDead, newHolder } from './upload-holder';

describe('the holder of an upload', () => {
  const [machine, ownPid, ownStart, random] = newHolder().split('-') as [string, string, string, string];
  const holder = (pid: number, startTicks: string) => [machine, pid.toString(36), Number(startTicks).toString(36), random].join('-');

  it('fits into its column, and is another one each time', () => {
    expect(newHolder().length).toBeLessThanOrEqual(36);
    expect(newHolder()).not.toBe(newHolder());
  });

  it('lives as long as its process, and is not dead while that stands still', async () => {
    expect(isHolderDead(newHolder())).toBe(false);
    const child = spawn('sleep', ['60']);
    const id = holder(child.pid!, readProcess(child.pid!)!.startTicks);
    child.kill('SIGSTOP');
    expect(isHolderDead(id)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isHolderDead(id)).toBe(true);
  });

  it('is dead when its number belongs to a process that started at another time', () => {
    expect(isHolderDead(holder(process.pid, '1'))).toBe(true);
  });

  it('is not known to be dead before somebody has collected its process', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    while (readProcess(pid)?.zombie === false) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(readProcess(pid)?.zombie).toBe(true);
    expect(isHolderDead(holder(pid, readProcess(pid)!.startTicks))).toBe(false);
    parent.kill();
    await once(parent, 'exit');
  });

  it.each([
    ['of another machine', ['0'.repeat(12), '1', '1', random].join('-')],
    ['of an older release', randomUUID()],
    ['without a number', [machine, '', ownStart, random].join('-')],
    ['that is damaged', [machine, ownPid, '!', random].join('-')],
  ])('%s is not known to be dead', (_what, id) => {
    expect(isHolderDead(id)).toBe(false);
  });
});
