import { parseCommand } from './command-line';

describe('parseCommand', () => {
  it.each([
    [[], 'Say what to do.'],
    [['toString'], 'There is no command toString.'],
    [['new'], 'new needs the name of one pipeline.'],
    [['new', 'a', 'b'], 'new needs the name of one pipeline.'],
    [['new', 'a', '--force'], 'There is no option --force.'],
    [['check', 'a', '--name', 'b'], 'There is no option --name.'],
    [['import', 'galaxy', 'a.xml'], 'import needs one of nextflow, script-server, argparse, and a file.'],
    [['import', 'constructor', 'a'], 'import needs one of'],
    [['import', 'nextflow'], 'import nextflow needs one file.'],
    [['import', 'nextflow', 'a', '--name'], '--name needs a name.'],
    [['schema', 'x'], 'schema takes no words.'],
  ])('refuses %j with one line', (words, line) => {
    expect(() => parseCommand(words)).toThrow(line);
    expect(() => parseCommand(words)).toThrow(expect.objectContaining({ exitStatus: 64 }) as Error);
  });

  it('understands what is typed', () => {
    expect(parseCommand(['check', '--json', 'a'])).toEqual({ kind: 'check', name: 'a', json: true, keep: false });
    const imported = { kind: 'import', from: 'argparse', file: 'x.py', name: 'a=b' };
    expect(parseCommand(['import', '--name', 'a=b', 'argparse', 'x.py'])).toEqual(imported);
    expect(parseCommand(['import', 'argparse', 'x.py', '--name=a=b'])).toEqual(imported);
  });
});
