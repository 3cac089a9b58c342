import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootFault } from './own-user';

describe('rootFault', () => {
  const isRoot = process.getuid?.() === 0;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'own-user-'));
    if (isRoot) chownSync(folder, 4321, 4321);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps root from making folders that the web process could not open', () => {
    const owner = isRoot ? 4321 : process.getuid?.();
    expect(rootFault(join(folder, 'not', 'made'), 0)).toContain(`belongs to user ${owner}. Run it as that user`);
    expect(rootFault(folder, owner)).toBeNull();
    expect(rootFault('/not-made-either', 0)).toBeNull();
  });
});
