import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafeDirectory } from '../common/files/safe-directory';
import { PROGRESS_FILE } from '../common/files/progress-file-name';
import { parseProgress, readProgressFile } from './progress-file';

describe('parseProgress', () => {
  it.each([
    ['42%', { percent: 42, text: null }],
    ['42.4 %  segmenting', { percent: 42, text: 'segmenting' }],
    ['3/10', { percent: 30, text: null }],
    ['3/10 - tile 3', { percent: 30, text: 'tile 3' }],
    ['{"percent": 42.6, "text": "segmenting"}', { percent: 43, text: 'segmenting' }],
    ['{"done": 3, "total": 10}', { percent: 30, text: null }],
    ['{"text": "waits for a licence"}', { percent: null, text: 'waits for a licence' }],
    ['{"percent": 420}', { percent: 100, text: null }],
    ['10%\n20%\r30%', { percent: 30, text: null }],
    ['20%\n{"percent": 2', { percent: 20, text: null }],
  ])('reads %j', (content, progress) => expect(parseProgress(content)).toEqual(progress));

  it.each(['', 'soon', '3/0', '-5%', '{}', '{"percent": "42"}', 'null', '{"done": 3}'])('takes %j for nothing', (content) => {
    expect(parseProgress(content)).toBeNull();
  });
});

describe('readProgressFile', () => {
  it('reads the end of the file, and nothing through a link', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'showrunner-progress-'));
    try {
      const results = SafeDirectory.open(folder);
      expect(await readProgressFile(results)).toBeNull();
      writeFileSync(join(folder, PROGRESS_FILE), `${'x'.repeat(10_000)}\n64% nearly\n`);
      expect(await readProgressFile(results)).toEqual({ percent: 64, text: 'nearly' });
      writeFileSync(join(folder, 'other'), '99%');
      rmSync(join(folder, PROGRESS_FILE));
      symlinkSync('other', join(folder, PROGRESS_FILE));
      expect(await readProgressFile(results)).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
