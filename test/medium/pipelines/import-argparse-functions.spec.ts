import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importStage, type ReadBack } from './import-stage';

/** As scripts of real projects are written: their parser goes through functions, and is filled in loops. */
const SCRIPT = `"""Trains a model.

Usage: see below.
"""
import json
import sys
from argparse import ArgumentParser as Parser, FileType as File

SPLITS = ['train', 'test']
LAYERS = {'conv': 3, 'dense': 2}
RATES = [('--lr', float, 0.1), ('--momentum', float, 0.9), ('--epochs', int, 10)]


def common():
    parser = Parser(add_help=False)
    parser.add_argument('-v', '--verbose', action='store_true')
    return parser


def add_io(target, what='data'):
    group = target.add_argument_group('Input')
    group.add_argument('source', type=File('r'))
    add_deep(group)


def add_deep(group):
    group.add_argument('--deep', type=int, default=1)


def add_rates(parser):
    for flag, kind, standard in RATES:
        parser.add_argument(flag, type=kind, default=standard)
    for split in SPLITS:
        parser.add_argument(f'--{split}-size', type=int)
    for name, count in LAYERS.items():
        parser.add_argument('--%s' % name, type=int, default=count)
    for name in LAYERS:
        parser.add_argument('--{}-bias'.format(name), action='store_true')
    [parser.add_argument('--gpu' + str(index), action='store_true') for index in range(2)]
    return parser


def build(args=None):
    parser = Parser(description=__doc__, parents=[common()])
    add_io(parser, what='images')
    if sys.platform == 'linux':
        parser.add_argument('--nice', type=int)
    return add_rates(parser)


class App:
    def __init__(self):
        self.parser = build()
        self.setup()

    def setup(self):
        self.parser.add_argument('--from-method')


def main():
    app = App()
    add = app.parser.add_argument
    add('--by-short-name')
    sub = app.parser.add_subparsers(dest='command')
    fill(sub.add_parser('fit', parents=[common()]))
    if '--flags' in sys.argv:
        print(json.dumps(sorted(flag for action in app.parser._actions for flag in action.option_strings)))


def fill(parser):
    parser.add_argument('--tolerance', type=float)


if __name__ == '__main__':
    main()
`;

describe('import argparse, of a parser that goes through functions', () => {
  let stage: ReturnType<typeof importStage>;
  beforeEach(() => {
    stage = importStage();
  });
  afterEach(() => stage.remove());

  const read = (source: string): Promise<ReadBack> => {
    writeFileSync(join(stage.foreign.root, 'train.py'), source);
    return stage.read('argparse', 'train.py');
  };
  const withParser = (lines: string) => read(`import argparse\np = argparse.ArgumentParser()\np.add_argument('--seen')\n${lines}\n`);
  const names = ({ manifest }: ReadBack) => manifest.parameters.map(({ name }) => name);

  it('finds what the script itself knows', async () => {
    const imported = await read(SCRIPT);
    const { stdout } = spawnSync('python3', [join(stage.foreign.root, 'train.py'), '--flags'], { encoding: 'utf8' });
    const flags = (JSON.parse(stdout) as string[]).filter((flag) => flag.startsWith('--') && flag !== '--help');
    expect(flags).toHaveLength(16);
    const own = names(imported).filter((name) => !/^(fit_|command$|source$)/.test(name));
    expect(own.sort()).toEqual(flags.map((flag) => flag.slice(2).replaceAll('-', '_')).sort());
    expect(names(imported)).toEqual(expect.arrayContaining(['source', 'command', 'fit_verbose', 'fit_tolerance']));
  });

  it('keeps what each is: type, default, group, subcommand', async () => {
    const { manifest, parameter } = await read(SCRIPT);
    expect(manifest.summary).toBe('Trains a model. Usage: see below.');
    expect(parameter('source')).toMatchObject({ type: 'file', section: 'Input' });
    expect(parameter('deep')).toMatchObject({ type: 'integer', default: 1, section: 'Input' });
    expect(parameter('lr')).toMatchObject({ type: 'number', default: 0.1 });
    expect(parameter('epochs')).toMatchObject({ type: 'integer', default: 10 });
    expect(parameter('conv')).toMatchObject({ type: 'integer', default: 3 });
    expect(parameter('fit_tolerance')).toMatchObject({ type: 'number', when: "command == 'fit'" });
  });

  it('says which argument the script takes under a condition alone', async () => {
    const { report } = await read(SCRIPT);
    expect(report).toContain("parser.add_argument('--nice', type=int): the script takes it only where sys.platform == 'linux'");
    expect(report).not.toContain('__main__');
    const other = await withParser("import os\nif os.name == 'nt':\n    pass\nelse:\n    p.add_argument('--posix')");
    expect(other.report).toContain("only where os.name == 'nt' is not so");
  });

  it.each([
    ['import lib\nlib.add_more(p)', 'lib.add_more(p)'],
    ["for name in open('x'):\n    p.add_argument('--' + name)", "p.add_argument('--' + name)"],
    ["for name in ['a', 'b']:\n    if name == 'a':\n        continue\n    p.add_argument('--' + name)", "p.add_argument('--' + name)"],
    ["for i in range(10**9):\n    p.add_argument(f'--o{i}')", "p.add_argument(f'--o{i}')"],
    ["while True:\n    p.add_argument('--again')", "p.add_argument('--again')"],
    ["p.add_argument('--%1000000000d' % 1)", "p.add_argument('--%1000000000d' % 1)"],
    ["p.add_argument('--{0:>1000000000}'.format(1))", 'format(1))'],
  ])('names what it cannot know: %s', async (lines, named) => {
    const imported = await withParser(lines);
    expect(names(imported)).toEqual(['seen']);
    expect(imported.report.split('\n').filter((line) => line.includes(named))).toHaveLength(1);
  });

  it('comes to an end with functions that call themselves and one another, however often', async () => {
    const imported = await withParser(`
def one(parser):
    parser.add_argument('--one'); two(parser); two(parser)
def two(parser):
    parser.add_argument('--two'); one(parser); one(parser)
one(p)
${Array.from({ length: 60 }, (_, index) => `def f${index}(x):\n    f${index + 1}(x); f${index + 1}(x)`).join('\n')}
def f60(x): x.add_argument('--last')
f0(p)`);
    expect(new Set(names(imported)).has('one')).toBe(true);
  });

  it('does not confuse parsers of one name in several functions', async () => {
    const imported = await read(`
import argparse
def helper():
    parser = argparse.ArgumentParser()
    parser.add_argument('--helper')
    return parser
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--one'); parser.add_argument('--two')
    return parser
main().parse_args()
`);
    expect(names(imported)).toEqual(['one', 'two']);
    expect(imported.report).toContain('several parsers');
  });

  it('takes an argument that is named by dest alone for one without a flag', async () => {
    const { manifest } = await withParser("p.add_argument(dest='filename', nargs='?', help='what is read')");
    expect(manifest.parameters.map(({ name, help }) => [name, help])).toEqual([
      ['seen', ''],
      ['filename', 'what is read'],
    ]);
    expect(JSON.stringify(manifest.arguments)).not.toContain('--filename');
  });

  it('looks up what stands in a table', async () => {
    const table = "SPEC = {'--one': 1, '--two': 2, '--rest': argparse.REMAINDER}\nTYPES = [int, float]\n";
    const { parameter, manifest } = await withParser(
      `${table}for flag in SPEC:\n    p.add_argument(flag, nargs=SPEC[flag])\np.add_argument('--word', default=['a', 'b'][1])`,
    );
    expect(manifest.parameters.map(({ name }) => name)).toEqual(['seen', 'one', 'two', 'two_2', 'rest', 'word']);
    expect(parameter('word')).toMatchObject({ default: 'b' });
  });

  it('tells of an empty choice', async () => {
    const { report } = await withParser("p.add_argument('--mode', choices=['', 'a'])");
    expect(report).toMatch(/`--mode`: choices: the empty one/);
  });

  it('reads thousands of arguments in a moment, and says that a form takes fewer', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `p.add_argument('--o${index}', help='h' * 5)`).join('\n');
    writeFileSync(join(stage.foreign.root, 'many.py'), `import argparse\np = argparse.ArgumentParser()\n${lines}\n`);
    const begin = performance.now();
    expect(await stage.refused('argparse', 'many.py')).toMatch(/has \d+ parameters; a form takes 500/);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it.each([
    [
      "import argparse\np = argparse.ArgumentParser()\nfor x in open('x'):\n    p.add_argument(x)\n",
      /line 4: .*only known when the script runs/,
    ],
    ['import argparse\n\0\n', /is no Python.*null bytes|cannot be parsed/],
  ])('refuses with a sentence that says why: %j', async (source, sentence) => {
    writeFileSync(join(stage.foreign.root, 'bad.py'), source);
    const said = await stage.refused('argparse', 'bad.py');
    expect(said).toMatch(sentence);
    expect(said).not.toContain('None');
  });
});
