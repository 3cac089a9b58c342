import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderArguments } from '../../../src/common/pipelines/arguments';
import { checkParameters } from '../../../src/common/pipelines/parameters';
import { importPipeline } from '../../../src/pipeline/imports/import-pipeline';
import { configFor } from './check-stage';
import { importStage, type ReadBack } from './import-stage';

const SCRIPT = `#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Measures things: µm and more."""
import argparse as ap, json, sys
from pathlib import Path

SIGMA = 1.0 + 0.5
MODES = ('fast', 'exact')
SIZES = {'small': 1, 'large': 2}
CHANGES = 1
CHANGES = 2


def odd(text):
    return int(text)


class Tool:
    def __init__(self):
        self.parser = ap.ArgumentParser(prog='tool', description="""Measures
            things in µm.""", epilog='Cite us.', formatter_class=ap.RawTextHelpFormatter)
        inputs = self.parser.add_argument_group('Inputs', 'What goes in.')
        inputs.add_argument('image', type=ap.FileType('r'), help='the image (%(prog)s reads it)')
        inputs.add_argument('--mask', metavar='MASK', help='path to a mask')
        inputs.add_argument('--model', type=Path, default=Path('x'))
        self.parser.add_argument('--report', type=ap.FileType('w'), default=sys.stdout)
        self.parser.add_argument('-s', '--sigma', type=float, default=SIGMA, help='blur, 100%% sure (default: %(default)s)')
        self.parser.add_argument('--mode', choices=MODES, default=MODES[0] if False else 'fast')
        self.parser.add_argument('--size', choices=list(SIZES.keys()), required=True)
        self.parser.add_argument('--level', type=int, choices=range(1, 4), default=2)
        self.parser.add_argument('--fast', action='store_true', help=ap.SUPPRESS)
        self.parser.add_argument('--no-edge', dest='edge', action='store_false')
        self.parser.add_argument('--deep', action='store_const', const=9, default=1)
        self.parser.add_argument('--keep', action=ap.BooleanOptionalAction, default=True)
        self.parser.add_argument('-v', '--verbose', action='count', default=0)
        self.parser.add_argument('--loud', action='count')
        self.parser.add_argument('--range', nargs=2, type=int, default=[1, 5])
        self.parser.add_argument('--tag', action='append')
        self.parser.add_argument('--table', action='append', type=ap.FileType('r'))
        self.parser.add_argument('--marks', nargs='+', choices=['a', 'b'])
        self.parser.add_argument('--pages', nargs='*', type=int)
        self.parser.add_argument('--kinds', nargs='+', choices=['a', 'b'], default=['a'], required=True)
        self.parser.add_argument('--words', nargs='+', required=True)
        self.parser.add_argument('--counts', nargs='+', type=int, default=[1, 2], required=True)
        self.parser.add_argument('--again', nargs='?', const='yes', default='no')
        self.parser.add_argument('--truth', type=bool, default=False)
        self.parser.add_argument('--odd', type=odd, default=CHANGES, metavar='NUMBER')
        self.parser.add_argument('--workers', type=int, default=max(1, 2))
        self.parser.add_argument('-x', type=str, default="it's")
        self.parser.add_argument('--output-dir', required=False)
        self.parser.add_argument('--version', action='version', version='%(prog)s 1.2.3')
        one = self.parser.add_mutually_exclusive_group(required=True)
        one.add_argument('--left', type=int, default=3)
        one.add_argument('--right')
        one.add_argument('--both', action='store_true')
        self.parser.add_argument('--' + 'joined', default=None)
        self.parser.add_argument('--last', **dict(help='x'))
        self.parser.set_defaults(x='from set_defaults')
        for name in MODES[:]:
            self.parser.add_argument('--loop-' + name)

    def run(self):
        if __name__ == '__main__':
            args, rest = self.parser.parse_known_args()
            print(json.dumps({k: getattr(v, 'name', v) if not isinstance(v, (list, Path)) else [str(getattr(one, 'name', one)) for one in v] if isinstance(v, list) else str(v) for k, v in vars(args).items()}))


Tool().run()
`;

const COMMANDS = `
from argparse import ArgumentParser
common = ArgumentParser(add_help=False)
common.add_argument('--threads', type=int, default=4)
parser = ArgumentParser(fromfile_prefix_chars='@')
parser.add_argument('--seed', type=int)
subs = parser.add_subparsers(dest='command', required=True, help='what to do')
train = subs.add_parser('train', parents=[common], help='learns')
train.add_argument('data')
group = train.add_mutually_exclusive_group()
group.add_argument('--gpu', action='store_true')
group.add_argument('--cpu', action='store_true')
test = subs.add_parser('test-it', help="tests 'it'", parents=[common])
test.add_argument('--epochs', type=int, required=True)
deep = test.add_subparsers(dest='how')
deep.add_parser('quick').add_argument('--short', action='store_true')
deep.add_parser('slow')
import json
print(json.dumps(vars(parser.parse_args())))
`;

describe('import argparse', () => {
  let stage: ReturnType<typeof importStage>;
  beforeEach(() => {
    stage = importStage();
  });
  afterEach(() => stage.remove());

  const put = (name: string, content: string | Buffer) => writeFileSync(join(stage.foreign.root, name), content);
  const read = (content: string | Buffer) => {
    put('measure.py', content);
    return stage.read('argparse', 'measure.py');
  };
  const lookUp = (reference: string) => Promise.resolve({ name: reference });
  const wordsFor = async ({ manifest }: ReadBack, entries: Record<string, unknown>) => {
    const checked = await checkParameters(manifest, entries, lookUp);
    if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
    const resolveFile = (reference: string) => join(stage.foreign.root, reference);
    return renderArguments(manifest, checked.values, { resolveFile, outputFolder: stage.foreign.root });
  };
  /** What the script itself makes of a command line. */
  const parsedBy = (words: string[]) => {
    const { stdout, stderr } = spawnSync('python3', [join(stage.foreign.root, 'measure.py'), ...words], {
      encoding: 'utf8',
      cwd: stage.foreign.root,
    });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  it('takes every kind of argument', async () => {
    const { manifest, parameter, yaml } = await read(SCRIPT);
    expect(manifest).toMatchObject({
      title: 'Measure',
      summary: 'Measures things in µm.',
      version: '1.2.3',
      runtime: { command: ['python3', './measure.py'] },
    });
    expect(parameter('image')).toMatchObject({ type: 'file', required: true, help: 'the image (Measure reads it)' });
    expect(parameter('mask')).toMatchObject({ type: 'file', required: false });
    expect(parameter('report')).toMatchObject({ type: 'output', required: false });
    expect(parameter('sigma')).toMatchObject({ type: 'number', default: 1.5, help: 'blur, 100% sure (default: 1.5)' });
    expect(parameter('size')).toMatchObject({ type: 'choice', required: true, options: [{ value: 'small' }, { value: 'large' }] });
    expect(parameter('level')).toMatchObject({ type: 'choice', default: '2', options: [{ value: '1' }, { value: '2' }, { value: '3' }] });
    expect(parameter('fast')).toMatchObject({ type: 'boolean', default: false, advanced: true });
    expect(parameter('edge')).toMatchObject({ type: 'boolean', default: true });
    expect(parameter('keep')).toMatchObject({ type: 'boolean', default: true });
    expect(parameter('verbose')).toMatchObject({
      type: 'choice',
      required: false,
      options: [{ value: '-v' }, { value: '-vv' }, { value: '-vvv' }],
    });
    expect(parameter('range')).toMatchObject({ type: 'integer', default: 1, requiredWhen: 'not empty(range_2)' });
    expect(parameter('range_2')).toMatchObject({ type: 'integer', default: 5 });
    expect(parameter('table')).toMatchObject({ type: 'files' });
    expect(parameter('x')).toMatchObject({ default: 'from set_defaults' });
    expect(parameter('left')).toMatchObject({ type: 'integer', default: null, required: false });
    expect(manifest.parameters.map(({ name }) => name)).not.toContain('output_dir');
    expect(manifest.rules).toHaveLength(3);
    expect(manifest.sections).toEqual([{ id: 'Inputs', title: 'Inputs', help: 'What goes in.', collapsed: false }]);
    expect(parameter('mask')).toMatchObject({ section: 'Inputs', type: 'file' });
    expect(parameter('odd')).toMatchObject({ type: 'string', placeholder: 'NUMBER' });
    expect(parameter('tag')).toMatchObject({ type: 'list', items: 'string', unique: false, required: false });
    expect(parameter('kinds')).toMatchObject({
      type: 'choices',
      required: true,
      default: ['a'],
      options: [{ value: 'a' }, { value: 'b' }],
    });
    expect(parameter('words')).toMatchObject({ type: 'list', items: 'string', pattern: '[^\\-][^]*' });
    expect(parameter('counts')).toMatchObject({ type: 'list', items: 'integer', default: ['1', '2'] });
    expect(yaml).toMatch(/# dropped: metavar "MASK"[^\n]*\n *- name: mask/);
    expect(existsSync(join(stage.pipelines.root, 'imported-1', 'measure.py'))).toBe(true);
  });

  it('writes a command line that the script itself understands as it was entered', async () => {
    const imported = await read(SCRIPT);
    put('-odd name.tif', 'x');
    put('t1', 'x');
    const entries = {
      image: '-odd name.tif',
      size: 'large',
      sigma: '2.50',
      level: '3',
      edge: 'false',
      deep: 'true',
      keep: 'false',
      verbose: '-vv',
      range: '7',
      range_2: '9',
      tag: ['--not an option', '-x'],
      kinds: ['a', 'b'],
      words: 'one, two words',
      counts: '3,-4',
      table: ['t1', 't1x'].slice(0, 1),
      marks: 'b',
      pages: '-4',
      truth: 'true',
      right: '-r',
      x: '',
      mask: 't1',
      loud: 'true',
    };
    expect(parsedBy(await wordsFor(imported, entries))).toEqual({
      image: join(stage.foreign.root, '-odd name.tif'),
      size: 'large',
      sigma: 2.5,
      level: 3,
      edge: false,
      deep: 9,
      keep: false,
      verbose: 2,
      range: ['7', '9'],
      tag: ['--not an option', '-x'],
      kinds: ['a', 'b'],
      words: ['one', 'two words'],
      counts: ['3', '-4'],
      table: [join(stage.foreign.root, 't1')],
      marks: ['b'],
      pages: ['-4'],
      truth: true,
      right: '-r',
      x: 'from set_defaults',
      mask: join(stage.foreign.root, 't1'),
      loud: 1,
      fast: false,
      mode: 'fast',
      model: 'x',
      report: '<stdout>',
      again: 'no',
      odd: 2,
      workers: 2,
      output_dir: stage.foreign.root,
      left: 3,
      both: false,
      joined: null,
      last: null,
      loop_fast: null,
      loop_exact: null,
    });
    await expect(wordsFor(imported, { ...entries, left: '1' })).rejects.toThrow('Give only one of these: --left, --right, --both.');
    await expect(wordsFor(imported, { ...entries, right: '' })).rejects.toThrow('Give one of these');
    await expect(wordsFor(imported, { ...entries, words: '--fast' })).rejects.toThrow('do not begin with a hyphen');
    await expect(wordsFor(imported, { ...entries, range_2: '', range: '' })).resolves.toBeDefined();
  });

  it('says of each argument what was lost', async () => {
    const { said, report } = await read(SCRIPT);
    const losses: [string, RegExp][] = [
      ['command', /copied into the folder/],
      ['--mask', /metavar "MASK"/],
      ['--mask', /taken for one of the files/],
      ['--model', /default: it is computed \(Path\('x'\)\)/],
      ['--report', /default stdout/],
      ['--mode', /default: it is computed \(MODES\[0\] if False else 'fast'\)/],
      ['--fast', /suppressed/],
      ['--deep', /the script takes the value 9/],
      ['--verbose', /up to three times/],
      ['--loud', /given once/],
      ['--range', /it is 2 fields/],
      ['--tag', /none can hold one/],
      ['--words', /begin with a hyphen/],
      ['--marks', /One value can be chosen/],
      ['--pages', /One value can be entered/],
      ['--again', /flag cannot be given without a value/],
      ['--truth', /type bool/],
      ['--odd', /type odd/],
      ['--odd', /default: it is computed \(CHANGES\)/],
      ['--workers', /default: it is computed \(max\(1, 2\)\)/],
      ['--output-dir', /folder for results/],
      ['--left', /excludes others/],
    ];
    for (const [name, sentence] of losses) expect(said(name).join('\n')).toMatch(sentence);
    expect(report).toMatch(/epilog: Cite us\./);
    expect(report).toMatch(/only known when the script runs: self\.parser\.add_argument\('--loop-' \+ name\)/);
    expect(report).toMatch(/\*\*dict\(help='x'\) is only known/);
    expect(report).toMatch(/parse_known_args/);
  });

  it('takes subcommands as a choice, with the arguments of each where it is chosen', async () => {
    const imported = await read(COMMANDS);
    const { manifest, parameter, said } = imported;
    expect(parameter('command')).toMatchObject({
      type: 'choice',
      required: true,
      options: [
        { value: 'train', label: 'train – learns' },
        { value: 'test-it', label: "test-it – tests 'it'" },
      ],
    });
    expect(parameter('test_it_epochs')).toMatchObject({ type: 'integer', required: true, when: "command == 'test-it'" });
    expect(parameter('test_it_quick_short')).toMatchObject({ when: "test_it_how == 'quick'" });
    expect(manifest.parameters.filter(({ name }) => name.endsWith('threads'))).toHaveLength(2);
    expect(said('test-it how').join()).toMatch(/may do without a subcommand/);
    expect(parsedBy(await wordsFor(imported, { command: 'train', train_data: 'd', train_gpu: 'true', seed: '7' }))).toEqual({
      command: 'train',
      data: 'd',
      gpu: true,
      cpu: false,
      threads: 4,
      seed: 7,
    });
    expect(
      parsedBy(await wordsFor(imported, { command: 'test-it', test_it_epochs: '3', test_it_how: 'quick', test_it_quick_short: 'true' })),
    ).toEqual({ command: 'test-it', epochs: 3, how: 'quick', short: true, threads: 4, seed: null });
    await expect(wordsFor(imported, { command: 'train', train_data: 'd', train_gpu: 'true', train_cpu: 'true' })).rejects.toThrow(
      'Give only one',
    );
  });

  it('never runs the script, whatever it holds', async () => {
    const trace = join(stage.foreign.root, 'harm');
    const harm = `
import os, argparse, sys, atexit
open(${JSON.stringify(trace)}, 'w').write('at import')
os.system('touch ${trace}')
__import__('os').mkdir('${trace}-folder')
class Meta(type):
    def __new__(c, *a): os.system('touch ${trace}'); return type.__new__(c, *a)
class X(metaclass=Meta): pass
def boom(x=open(${JSON.stringify(trace)}, 'w')): pass
p = argparse.ArgumentParser(description=f"{os.system('touch ${trace}')}")
p.add_argument('--a', default=os.system('touch ${trace}'), type=eval, help='x' * 10**9)
p.add_argument('--b', default=[os.system('touch ${trace}') for _ in range(10**12)], choices=range(10**15))
p.add_argument('--c', default=9**9**9, type=int)
p.add_argument('--d', default='%(x' + 'y')
sys.exit(os.system('touch ${trace}'))
`;
    const { parameter } = await read(harm);
    expect([existsSync(trace), existsSync(`${trace}-folder`)]).toEqual([false, false]);
    expect(parameter('c')).toMatchObject({ type: 'integer', default: null });
    expect(parameter('d')).toMatchObject({ default: '%(xy' });
  });

  it('imports nothing that lies beside the script', async () => {
    for (const name of ['ast', 'json', 'sys', 'resource', 'argparse', 'sitecustomize', 'encodings'])
      put(`${name}.py`, `open(${JSON.stringify(join(stage.foreign.root, 'harm'))}, 'w')`);
    await read("import argparse\nargparse.ArgumentParser().add_argument('--a')\n");
    expect(existsSync(join(stage.foreign.root, 'harm'))).toBe(false);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['what is no Python', 'def (:\n', /Line 1 is no Python/],
    ['Python 2', "print 'x'\n", /is no Python/],
    ['a script without argparse', "import click\n@click.option('--x')\ndef f(): pass\n", /no call of add_argument/],
    ['deep nesting', `x = ${'('.repeat(5000)}1${')'.repeat(5000)}\n`, /cannot be parsed|is no Python|cannot be read/],
    [
      'a long sum',
      `import argparse\np = argparse.ArgumentParser()\np.add_argument('--a', default=${'1+'.repeat(50_000)}1)\n`,
      /cannot be parsed|cannot be read/,
    ],
    ['null bytes', Buffer.from('import argparse\0\n'), /cannot be parsed|is no Python/],
    ['bytes that are no text', Buffer.from([0x23, 0xff, 0xfe, 0x0a, 0xc3, 0x28]), /is no Python|cannot be parsed/],
    ['an encoding that there is not', '# -*- coding: klingon -*-\n', /is no Python/],
    ['a script that is too large', Buffer.alloc(3 * 1024 * 1024, '#'), /larger than 2 MiB/],
    ['nothing', '', /no call of add_argument/],
  ])('refuses %s with a sentence', async (_what, content, sentence) => {
    put('bad.py', content);
    expect(await stage.refused('argparse', 'bad.py')).toMatch(sentence);
  });

  it('reads other encodings as Python does', async () => {
    const source =
      "# -*- coding: latin-1 -*-\nimport argparse\nargparse.ArgumentParser(description='Gr\u00f6\u00dfe').add_argument('--a', help='\u00e4')\n";
    const { manifest } = await read(Buffer.from(source, 'latin1'));
    expect(manifest).toMatchObject({ summary: 'Größe', parameters: [{ help: 'ä' }] });
  });

  it('gives arguments names that parameters may have', async () => {
    const { manifest } = await read(`
import argparse
p = argparse.ArgumentParser()
for_ever = p.add_argument('--__proto__')
p.add_argument('--outputFolder', dest='outputFolder')
p.add_argument('--constructor'); p.add_argument('--7'); p.add_argument('--a-b'); p.add_argument('--a.b'); p.add_argument('--µ'); p.add_argument('--{x}', default='{y}')
`);
    expect(new Set(manifest.parameters.map(({ name }) => name)).size).toBe(7);
    const words = await renderArguments(manifest, Object.fromEntries(manifest.parameters.map(({ name }) => [name, 'v'])), {
      resolveFile: () => '',
      outputFolder: '/out',
    });
    expect(words).toEqual(['--__proto__=v', '--outputFolder=/out', '--constructor=v', '--7=v', '--a-b=v', '--a.b=v', '--µ=v', '--{x}=v']);
  });

  it('says that python3 is missing', async () => {
    put('measure.py', SCRIPT);
    const config = configFor(stage.pipelines.root, { PATH: stage.foreign.root });
    await expect(importPipeline(config, 'argparse', join(stage.foreign.root, 'measure.py'), null)).rejects.toThrow(
      /python3, which could not be started \(ENOENT\)/,
    );
  });
});
