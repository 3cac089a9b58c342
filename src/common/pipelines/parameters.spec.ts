import * as fc from 'fast-check';
import { renderArguments } from './arguments';
import { quoteCommand } from './shell-words';
import { compileScript } from './annotated-script';
import type { Manifest } from './manifest';
import { groupsOfEach, matchesWhole } from './pattern';
import { checkParameters, defaultEntry, entriesOf } from './parameters';
import { compileYaml } from './pipeline-yaml';

const script = (...lines: string[]) =>
  compileScript({ id: 's', command: ['./s.sh'], head: lines.map((line) => `##~~ ${line}\n`).join(''), prefix: '##~~' }) as Manifest;
const yaml = (text: string) => {
  const compiled = compileYaml('y', text);
  if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
  return compiled;
};
const anyFile = (reference: string) => Promise.resolve({ name: reference.slice(reference.indexOf(':') + 1) });
const noFile = () => Promise.resolve({ fault: 'It is not there.' });
const places = { resolveFile: (reference: string) => `/in/${reference.slice(8)}`, outputFolder: '/out' };

async function argvOf(manifest: Manifest, submitted: Record<string, unknown>): Promise<string[] | Record<string, string>> {
  const checked = await checkParameters(manifest, submitted, anyFile);
  return checked.ok ? renderArguments(manifest, checked.values, places) : checked.errors;
}

describe('values on their way to argv', () => {
  const nasty = [
    'two words',
    'a,b=c,d',
    '"double" and \'single\'',
    '-rf',
    '--help',
    'first\nsecond',
    '🧬 ünï',
    '$(id)',
    '`id`',
    '; rm -rf /',
    '{other}',
    '%s',
    '\\',
    '*',
    ' ',
    '#',
    '~',
    '&&',
  ];

  it.each(nasty)('passes %j byte for byte, at its own place', async (value) => {
    const manifest = script('before - x', 'value - y', 'after - z');
    expect(await argvOf(manifest, { before: '1', value, after: '3' })).toEqual(['1', value, '3']);
    const flagged = yaml(`
command: run
parameters: [{ name: value, type: string }, { name: other, type: string }]
arguments: ['--value={value}', ['--again', '{value}'], '{value}', '{other}']`);
    expect(await argvOf(flagged, { value, other: 'o' })).toEqual([`--value=${value}`, '--again', value, value, 'o']);
  });

  it('passes any text byte for byte or refuses it with a sentence, and touches no other argument', async () => {
    const manifest = script('before - x', 'value - y', 'notes:text? - n', 'after - z');
    const anyText = fc.string({ unit: 'binary', maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (value, notes) => {
        const result = await argvOf(manifest, { before: 'b', value, notes, after: 'a' });
        if (Array.isArray(result)) {
          expect(result).toEqual(['b', value.replaceAll('\r\n', '\n'), notes.replaceAll('\r\n', '\n'), 'a']);
        } else {
          for (const [name, sentence] of Object.entries(result)) {
            const entry = { value, notes }[name];
            expect(entry === '' || entry?.includes('\0') || /\p{Surrogate}/u.test(entry ?? '')).toBe(true);
            expect(sentence.length).toBeGreaterThan(10);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('takes anything at all as submission without throwing', async () => {
    const manifest = script(
      'input - f',
      'n:integer=3 [0..9] - n',
      'x:number? - x',
      'k:choice=a [a|b] - k',
      'flag:boolean - b',
      'output=o - o',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('input', 'n', 'x', 'k', 'flag', 'output', 'odd', '__proto__'), fc.anything()),
        async (submitted) => {
          const checked = await checkParameters(manifest, submitted, anyFile);
          if (checked.ok) expect(await renderArguments(manifest, checked.values, places)).toHaveLength(6);
          else expect(Object.values(checked.errors).every((sentence) => sentence !== '')).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('passes a number as it was typed, or refuses it', async () => {
    const manifest = script('x:number - x');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()), async (number) => {
        expect(await argvOf(manifest, { x: String(number) })).toEqual([String(number)]);
      }),
    );
    expect(await argvOf(manifest, { x: ' 0.50 ' })).toEqual(['0.50']);
    expect(await argvOf(manifest, { x: '1e-3' })).toEqual(['1e-3']);
    for (const bad of ['', ' ', '1,5', '0x10', 'Infinity', 'NaN', '1e999', '1 2', '--1', '1-', '１']) {
      expect(await argvOf(manifest, { x: bad })).toEqual({ x: expect.stringMatching(/number|Fill/) });
    }
  });

  it('holds positions: what is empty in a script is an empty argument', async () => {
    const manifest = script('input? - f', 'name? - n', 'x:number? - x', 'last - l');
    expect(await argvOf(manifest, { input: '', name: '', x: '', last: 'end' })).toEqual(['', '', '', 'end']);
  });

  it('leaves out what is empty in a manifest, with its flag', async () => {
    const manifest = yaml(`
command: run
parameters:
  - { name: a, type: string, required: false }
  - { name: b, type: number, required: false }
  - { name: mask, type: file, required: false }
  - { name: verbose, type: boolean }
arguments: ['--a={a}', [-b, '{b}'], '{mask}', { boolean: verbose, whenTrue: -v, whenFalse: -q }, '--v={verbose}', '{outputFolder}', '--out={outputFolder}', { value: a, flag: -a, keepEmpty: true }, { literal: '{a}' }]`);
    expect(await argvOf(manifest, {})).toEqual(['-q', '--v=false', '/out', '--out=/out', '-a=', '{a}']);
    expect(await argvOf(manifest, { b: '2', verbose: ['false', 'true'] })).toEqual([
      '-b',
      '2',
      '-v',
      '--v=true',
      '/out',
      '--out=/out',
      '-a=',
      '{a}',
    ]);
  });

  it('gives inputs as paths, outputs as paths in the folder for results, and each of several files', async () => {
    const manifest = script('output - o', 'inputs:files - f');
    expect(await argvOf(manifest, { output: 'out put', inputs: ['project:-a.tif', 'project:b c.tif'] })).toEqual([
      '/out/out put',
      '/in/-a.tif',
      '/in/b c.tif',
    ]);
    const flagged = yaml('command: run\nparameters: [{ name: f, type: files }]\narguments: [[-i, "{f}"], "--f={f}"]');
    expect(await argvOf(flagged, { f: ['project:a', 'project:b'] })).toEqual(['-i', '/in/a', '-i', '/in/b', '--f=/in/a', '--f=/in/b']);
  });

  it('refuses arguments longer than a program can be given', async () => {
    const manifest = script('inputs:files - f');
    const resolveFile = () => `/${'long/'.repeat(800)}`;
    const inputs = Array.from({ length: 1000 }, (_, index) => `project:${index}`);
    await expect(renderArguments(manifest, { inputs }, { resolveFile, outputFolder: '/out' })).rejects.toThrow('longer than a program');
  });

  it('writes commands so that a shell reads them back', () => {
    expect(quoteCommand(['./a.sh', 'x=1', '', "it's", '$(id)'])).toBe(`./a.sh x=1 '' 'it'\\''s' '$(id)'`);
  });
});

describe('checkParameters', () => {
  const manifest = script(
    'input [.tif .png] - image',
    'n:integer=5 [1..9 step 2 px] - n',
    'x:number [..1] - x',
    'k:choice=a [a|b] - k',
    'output=result [.csv] - o',
  );
  const good = { input: 'project:a.TIF', x: '0.1' };

  it('takes defaults for what was not submitted, and keeps what was entered', async () => {
    const { ok, values, entered } = await checkParameters(manifest, good, anyFile);
    expect({ ok, values, entered }).toEqual({
      ok: true,
      values: { input: 'project:a.TIF', n: '5', x: '0.1', k: 'a', output: 'result.csv' },
      entered: { input: 'project:a.TIF', n: '5', x: '0.1', k: 'a', output: 'result' },
    });
  });

  it.each([
    [{ input: '' }, { input: 'Choose a file.' }],
    [{ input: 'project:a.jpg' }, { input: 'a.jpg is of a kind that this pipeline does not read. It reads .tif, .png.' }],
    [{ n: '0' }, { n: 'Write a number from 1 to 9 px.' }],
    [{ n: '4' }, { n: 'Write a number in steps of 2, counted from 1.' }],
    [{ n: '3.0' }, { n: 'Write a whole number.' }],
    [{ x: '1,5' }, { x: 'Write the number with a point, such as 1.5.' }],
    [{ x: '2' }, { x: 'Write a number of at most 1.' }],
    [{ x: '' }, { x: 'Fill this in.' }],
    [{ k: 'c' }, { k: 'Choose one of the values in the list.' }],
    [{ output: '../up' }, { output: expect.stringMatching(/./) }],
    [{ output: 'a/b' }, { output: expect.stringMatching(/./) }],
    [{ output: '..' }, { output: undefined }],
    [{ extra: '1' }, { extra: expect.stringContaining('no setting named extra') }],
    [{ constructor: 'x' }, { constructor: expect.stringContaining('no setting named constructor') }],
  ])('%j is answered beside its field', async (submitted, errors) => {
    const checked = await checkParameters(manifest, { ...good, ...submitted }, anyFile);
    if (Object.values(errors)[0] === undefined) expect(checked).toMatchObject({ ok: true, values: { output: '...csv' } });
    else expect(checked).toMatchObject({ ok: false, errors });
  });

  it('refuses a file that is not there', async () => {
    expect(await checkParameters(manifest, good, noFile)).toMatchObject({
      ok: false,
      errors: { input: 'It is not there.' },
    });
  });

  it('refuses two outputs of one name', async () => {
    const two = script('output1 - x', 'output2 - y');
    expect(await checkParameters(two, { output1: 'a', output2: 'a' }, anyFile)).toMatchObject({
      ok: false,
      errors: { output2: expect.anything() },
    });
  });

  it('checks how many files, and none twice', async () => {
    const many = yaml('command: run\nparameters: [{ name: f, type: files, minItems: 2, maxItems: 3 }]');
    const check = async (...f: string[]) =>
      ((await checkParameters(many, { f }, anyFile)) as { errors?: Record<string, string> }).errors?.['f'];
    expect(await check()).toBe('Choose at least 2 files.');
    expect(await check('project:a')).toBe('Choose at least 2 files.');
    expect(await check('project:a', 'project:a')).toBe('The same file is chosen twice.');
    expect(await check('project:a', 'project:b', 'project:c', 'project:d')).toBe('Choose at most 3 files.');
    expect(await check('project:a', 'project:b')).toBeUndefined();
  });

  it('finds groups in the texts that fit, past others that a pattern goes back over for ever', () => {
    const texts = ['x1.tif', `${'x'.repeat(60)}!`, 'xx2.tif', 'note.txt'];
    const groups = () => groupsOfEach('(?<stem>(x+)+[0-9])\\.tif', texts);
    expect(groups()).toEqual([{ stem: 'x1' }, null, { stem: 'xx2' }, null]);
    const begin = performance.now();
    expect(groups()).toHaveLength(4);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  it('decides about texts that a pattern goes back over for ever, without the time for it', () => {
    matchesWhole('(a+)+b', 'a'.repeat(40));
    const begin = performance.now();
    for (let times = 0; times < 20; times += 1) {
      expect(matchesWhole('(a+)+b', 'a'.repeat(4000))).toBe(false);
      expect(matchesWhole('(a+)+b', `${'a'.repeat(4000)}b`)).toBe(true);
    }
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(matchesWhole(`${'('.repeat(20_000)}(a+)+b${')'.repeat(20_000)}`, 'a'.repeat(40))).toBe(false);
    // Nobody can walk this.
    expect(matchesWhole('(a+)+(?!c)b', 'a'.repeat(40))).toBe(false);
  });

  it('checks patterns against the whole text, and outlives one that backtracks for ever', async () => {
    const patterned = yaml(`
command: run
parameters:
  - { name: a, type: string, pattern: '[a-z]+', patternMessage: Small letters only. }
  - { name: slow, type: string, pattern: '(a+)+b', required: false }`);
    expect(await checkParameters(patterned, { a: 'abc' }, anyFile)).toMatchObject({ ok: true });
    expect(await checkParameters(patterned, { a: 'abc1' }, anyFile)).toMatchObject({ ok: false, errors: { a: 'Small letters only.' } });
    const begin = performance.now();
    expect(await checkParameters(patterned, { a: 'a', slow: 'a'.repeat(40) }, anyFile)).toMatchObject({ ok: false });
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('shows the values of an earlier run again, also those left empty, and defaults for what is new', async () => {
    const earlier = script('name=me - n', 'x:number=1 - x');
    const checked = await checkParameters(earlier, { name: '', x: '0.50' }, anyFile);
    if (!checked.ok) throw new Error('not ok');
    const now = script('name=me - n', 'x:number=1 - x', 'fresh=new - f');
    expect(entriesOf(now, earlier, checked.values)).toEqual({ name: '', x: '0.50', fresh: 'new' });
    expect(now.parameters.map(defaultEntry)).toEqual(['me', '1', 'new']);
  });
});
