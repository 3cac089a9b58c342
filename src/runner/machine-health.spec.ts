import { setImmediate as turn } from 'node:timers/promises';
import { readConfig } from '../common/config/app-config';
import { MachineHealth } from './machine-health';

describe('MachineHealth', () => {
  const config = readConfig({ DATA_DIR: '/data' });

  it('tells of the disk what it heard since the call before', async () => {
    const sut = new MachineHealth(config, () => Promise.resolve(5e8));
    expect(sut.read()).toMatchObject({ freeDisk: null, node: process.version });
    await turn();
    expect(sut.read().freeDisk).toBe(5e8);
  });

  it('waits for no disk: one that hangs is asked once, and nothing is told of it', async () => {
    const asked: string[] = [];
    const sut = new MachineHealth(config, (folder) => {
      asked.push(folder);
      return new Promise(() => undefined);
    });
    const told = [sut.read(), sut.read(), sut.read()];
    await turn();
    for (const { freeDisk, cores } of [...told, sut.read()]) expect([freeDisk, cores > 0]).toEqual([null, true]);
    expect(asked).toEqual([config.filesRoot]);
  });
});
