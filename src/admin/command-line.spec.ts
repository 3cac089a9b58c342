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
    [['move', '1', '2'], 'move needs two runs, such as "move 15 before 12".'],
    [['move', '1', 'beside', '2'], 'move needs two runs'],
    [['hold'], 'hold needs the number of one run, or --all.'],
    [['hold', '1', '--all'], 'hold needs the number of one run, or --all.'],
    [['hold', '1', '--reason'], 'hold --reason needs one sentence in quotation marks.'],
    [['hold', '1', '--reason', 'two', 'words'], 'hold --reason needs one sentence in quotation marks.'],
    [['release', '1', '--reason', 'x'], 'There is no option --reason.'],
    [['back', '--all'], 'There is no option --all.'],
    [['back'], 'back needs the number of one run.'],
    [['cancel', '1', '--reason', ' '], 'cancel --reason needs one sentence in quotation marks.'],
    [['remove-runner'], 'remove-runner needs the name of one runner.'],
    [['outbox', '1'], 'outbox takes no words.'],
    [['outbox-retry'], 'outbox-retry needs the number of one mail, as "outbox" lists it.'],
    [['outbox-retry', '1', '--all'], 'outbox-retry takes no words.'],
    [['outbox-drop', 'all'], 'outbox-drop needs the number of one mail'],
    [['cleaner', '7'], 'cleaner takes no words but --days with a number up to 365.'],
    [['cleaner', '--days'], 'cleaner takes no words but --days with a number up to 365.'],
    [['cleaner', '--days', '366'], 'cleaner takes no words but --days with a number up to 365.'],
    [['keep', '1'], 'keep needs a run or a project, and --until'],
    [['keep', '1', '--until'], 'keep needs a run or a project, and --until'],
    [['keep', '1', '--for-ever', '--as-usual'], 'keep needs a run or a project, and --until'],
    [['keep', '--for-ever'], 'keep needs a run or a project, and --until'],
    [['pipeline-off'], 'pipeline-off needs the name of one pipeline.'],
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
