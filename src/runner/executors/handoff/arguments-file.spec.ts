import { spawnSync } from 'node:child_process';
import { array, assert, property, string } from 'fast-check';
import { PrepareError } from '../executor';
import { renderArgumentsFile } from './arguments-file';

const PLACES = { cwd: '/data/files/o/p/runs/7', projectFolder: '/data/files/o/p', inputs: ['/data/files/o/p/a b.tif', '/inbox/c.tif'] };
const PLAIN = { pathMap: [] };

describe('renderArgumentsFile', () => {
  it('writes a line that a shell reads as exactly these arguments', () => {
    const printable = string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '').toWellFormed());
    assert(
      property(array(printable, { maxLength: 6 }), (argv) => {
        const line = renderArgumentsFile({ ...PLAIN, form: 'line' }, { ...PLACES, argv });
        const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' x ${line}`], { encoding: 'utf8' });
        expect(stdout.split('\0').slice(1, -1)).toEqual(argv);
      }),
      { numRuns: 40 },
    );
  });

  it('writes a line for each argument, as it is', () => {
    expect(renderArgumentsFile({ ...PLAIN, form: 'lines' }, { ...PLACES, argv: [`it's`, '', '-x=1'] })).toBe(`it's\n\n-x=1\n`);
  });

  it.each(['two\nlines', 'return\r', 'zero\0', '\u2028'])('refuses %j', (word) => {
    for (const form of ['line', 'lines'] as const) {
      expect(() => renderArgumentsFile({ ...PLAIN, form }, { ...PLACES, argv: [word] })).toThrow(PrepareError);
    }
  });

  it('translates paths of the run as the program sees them, the longest folder first, and nothing else', () => {
    const pathMap = [
      { outside: '/data/files/', inside: '/opt/work' },
      { outside: '/data/files/o/p/runs', inside: '/results/' },
      { outside: '/inbox', inside: '/' },
    ];
    const argv = [
      '-data=/data/files/o/p/runs/7',
      '/data/files/o/p/a b.tif',
      '--c=/inbox/c.tif',
      '/data/files/other',
      'x/data/files/o/p',
      '-t=a=/b',
    ];
    expect(renderArgumentsFile({ pathMap, form: 'lines' }, { ...PLACES, argv })).toBe(
      ['-data=/results/7', '/opt/work/o/p/a b.tif', '--c=/c.tif', '/data/files/other', 'x/data/files/o/p', '-t=a=/b', ''].join('\n'),
    );
    const some = pathMap.slice(0, 2);
    expect(() => renderArgumentsFile({ pathMap: some, form: 'lines' }, { ...PLACES, argv })).toThrow('/inbox/c.tif');
  });
});
