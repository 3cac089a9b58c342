import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './make-folder';

describe('makeFolder', () => {
  let place: string;

  beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'showrunner-folder-'))));
  afterEach(() => rmSync(place, { recursive: true }));

  it('makes what is missing, and is content with what is there', () => {
    makeFolder(join(place, 'a', 'b', 'c'));
    makeFolder(join(place, 'a', 'b', 'c'));
    expect(existsSync(join(place, 'a', 'b', 'c'))).toBe(true);
  });

  it('says what is in the way', () => {
    writeFileSync(join(place, 'file'), '');
    expect(() => makeFolder(join(place, 'file', 'x'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });

  it('returns with an error where nothing can be made', () => {
    expect(() => makeFolder('/proc/nowhere/x')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
