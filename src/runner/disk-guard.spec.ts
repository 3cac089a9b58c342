import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../common/config/app-config';
import type { Executors } from './executors/executors';
import { DiskGuard } from './disk-guard';

describe('DiskGuard', () => {
  it('allows nothing while a disk cannot be looked at, however often it is asked', async () => {
    const root = mkdtempSync(join(tmpdir(), 'showrunner-disk-'));
    const inTheWay = join(root, 'in-the-way');
    try {
      writeFileSync(inTheWay, '');
      const environment = { DATA_DIR: root, FILES_ROOT: join(inTheWay, 'files'), FREE_SPACE_RESERVE: '1 MB' };
      const sut = new DiskGuard(readConfig(environment), { room: () => Promise.resolve(Number.POSITIVE_INFINITY) } as Executors);
      await expect(sut.allows()).rejects.toThrow('ENOTDIR');
      await expect(sut.allows()).rejects.toThrow('ENOTDIR');
      rmSync(inTheWay);
      expect(await sut.allows()).toBe(true);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
