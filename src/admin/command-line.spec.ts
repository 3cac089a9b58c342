import { DEEDS } from './command-deeds';
import { COMMAND_NAMES, parseCommand } from './command-line';

describe('parseCommand', () => {
  it.each([
    [['pause'], 'pause needs the name of one runner, or --all.'],
    [['resume', 'a', 'b'], 'resume needs the name of one runner, or --all.'],
    [['drain', 'a', '--all'], 'drain needs the name of one runner, or --all.'],
    [['pause', '--force', 'a'], 'There is no option --force.'],
    [['cancel'], 'cancel needs the number of one run.'],
    [['cancel', 'twelve'], 'cancel needs the number of one run.'],
    [['front', '#0'], 'front needs the number of one run.'],
    [['front', '1', '2'], 'front needs the number of one run.'],
    [['queue', '--all'], 'There is no option --all.'],
    [['runners', 'a'], 'runners takes no words.'],
    [['toString'], 'There is no command toString.'],
    [['constructor', '--all'], 'There is no option --all.'],
  ])('refuses %j with one line', (words, line) => {
    expect(() => parseCommand(words)).toThrow(line);
    expect(() => parseCommand(words)).toThrow(expect.objectContaining({ exitStatus: 64 }) as Error);
  });

  it.each([[['runners']], [['pause', 'a']], [['drain', '--all']], [['cancel', '#12']], [['front', '12']], [['queue']]])(
    'takes %j',
    (words) => {
      expect(parseCommand(words)).toBeInstanceOf(Function);
    },
  );

  it('knows of each command what the audit log calls it, or that it changes nothing', () => {
    expect(Object.keys(DEEDS).toSorted()).toEqual([...COMMAND_NAMES].toSorted());
  });
});
