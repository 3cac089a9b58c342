import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, JournalView } from './journal';

describe('the journal of a take-over', () => {
  let folder: string;
  let file: string;
  let lock: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'journal-'));
    file = join(folder, 'take-over', 'journal.jsonl');
    lock = join(folder, 'take-over', 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('knows what was noted, and drops a line that was being written when the process died', () => {
    const first = Journal.open(folder);
    first.add({ what: 'person', source: 'a', key: '1', id: 'x' });
    first.close();
    appendFileSync(file, '{"what":"person made","sou');
    expect(JournalView.read(folder).personId('a', '1')).toBe('x');
    const second = Journal.open(folder);
    expect(second.personId('a', '1')).toBe('x');
    expect(second.personId('b', '1')).toBeNull();
    expect(second.isPersonMade('a', '1')).toBe(false);
    second.add({ what: 'person made', source: 'a', key: '1' });
    second.close();
    expect(JournalView.read(folder).isPersonMade('a', '1')).toBe(true);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  });

  it('is written by one process at a time, and a look makes nothing', () => {
    expect(JournalView.read(folder).projects()).toEqual([]);
    expect(existsSync(join(folder, 'take-over'))).toBe(false);
    mkdirSync(join(folder, 'take-over'));
    writeFileSync(lock, String(process.ppid));
    expect(() => Journal.open(folder)).toThrow(`Another take-over is under way (process ${process.ppid}).`);
    // Of a process that was killed.
    writeFileSync(lock, '4194303');
    const journal = Journal.open(folder);
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
    journal.close();
    expect(existsSync(lock)).toBe(false);
  });
});
