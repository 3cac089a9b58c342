import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const SCRIPT = resolve(__dirname, '..', '..', '..', 'config', 'pipelines', 'fasta-stats.sh');

describe('the fasta-stats pipeline', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-fasta-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (name: string, content: string | Buffer, shortest = '0', table = 'table.tsv') => {
    writeFileSync(join(folder, name), content);
    const { status, stderr } = spawnSync(SCRIPT, [name, shortest, table, 'summary.txt'], { cwd: folder, encoding: 'utf8' });
    return { status, stderr };
  };
  const tableOf = (name = 'table.tsv') =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((row) => row.split('\t'));
  const summary = () =>
    Object.fromEntries(
      readFileSync(join(folder, 'summary.txt'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ) as Record<string, string>;

  const MIXED = '>one the first\r\nACGT\r\nacgt\r\n\r\n>two\nNNNNGC\n>empty\n>t\tab\nAC GT-AC*\n';

  it('counts sequences with lower case, blank lines, CRLF, gaps and blanks', () => {
    expect(run('mixed.fa', MIXED)).toEqual({ status: 0, stderr: '' });
    expect(tableOf()).toEqual([
      ['name', 'length', 'gc_percent', 'unknown'],
      ['one the first', '8', '50.00', '0'],
      ['two', '6', '100.00', '4'],
      ['empty', '0', '', '0'],
      ['t ab', '6', '50.00', '0'],
    ]);
    expect(summary()).toMatchObject({ Sequences: '4', Letters: '20', Longest: '8', N50: '6', L50: '2', 'GC content': '56.25 %' });
    expect(readdirSync(folder).sort()).toEqual(['mixed.fa', 'summary.txt', 'table.tsv']);
  });

  it('has the N50 of the definition', () => {
    const lengths = [2, 2, 2, 3, 3, 4, 8, 8];
    run('n50.fa', lengths.map((length, index) => `>s${index}\n${'A'.repeat(length)}`).join('\n'));
    expect(summary()).toMatchObject({ N50: '8', L50: '2', Mean: '4.0', Median: '3.0', 'GC content': '0.00 %' });
  });

  it.each(['-rf.fa', 'a=b.fa', 'two words.fa', "it's.fa", 'back\\nslash.fa', '$(id).fa'])(
    'reads and writes files whatever their names: %s',
    (name) => {
      expect(run(name, MIXED, '0', `${name}.tsv`.replace(/^-/, './-')).status).toBe(0);
      expect(tableOf(`${name}.tsv`)).toHaveLength(5);
    },
  );

  it('unpacks gzip, and leaves out what is too short', () => {
    expect(run('packed.fa.gz', gzipSync(MIXED), '7').status).toBe(0);
    expect(tableOf().slice(1)).toEqual([['one the first', '8', '50.00', '0']]);
  });

  it.each([
    ['text before the first name', 'ACGT\n', 'line 1 comes before the first name'],
    ['digits', '>a\nACGT\nAC1GT\n', 'line 3 is no sequence'],
    ['an empty file', '', 'there is no sequence in this file'],
    ['names only that are too short', '>a\nAC\n', 'all 1 sequences are shorter than 5'],
  ])('refuses %s with one line, and leaves no half table', (_what, content, sentence) => {
    const { status, stderr } = run('bad.fa', content, '5');
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(sentence)]);
    expect(existsSync(join(folder, 'table.tsv'))).toBe(false);
  });

  it('refuses damaged gzip', () => {
    expect(run('bad.fa.gz', gzipSync(MIXED.repeat(1000)).subarray(0, 60)).stderr).toContain('could not be unpacked');
  });
});
