import { execFileSync } from 'node:child_process';
import { quoteCommand } from './shell-words';

describe('quoteCommand', () => {
  const hostile = [
    '/bin/x',
    'a b',
    '',
    "it's",
    '"q"',
    '$(id)',
    '`id`',
    '-rf',
    'a=b,c',
    '\\',
    '\n',
    'ü😀',
    '*',
    '~',
    '\u{1b}[31m',
    "'\u{7}\\'",
    '\u{202e}x',
  ];

  it('writes exactly what a shell reads back', () => {
    const script = `printf '%s\\0' ${quoteCommand(hostile)}`;
    const read = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } });
    expect(read.split('\0').slice(0, -1)).toEqual(hostile);
  });

  it('leaves simple words bare and shows nothing that cannot be seen', () => {
    expect(quoteCommand(['./x.sh', '--sigma=1.5'])).toBe('./x.sh --sigma=1.5');
    // oxlint-disable-next-line no-control-regex
    expect(quoteCommand(hostile)).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/);
  });
});
