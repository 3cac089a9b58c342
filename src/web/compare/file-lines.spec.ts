import { fileLines, type FileFact } from './file-lines';

const file = (name: string, size: number, sha256: string | null) => ({ name, size, sha256 });

describe('files of several runs', () => {
  const listed = (files: FileFact[] | null, complete = true) => files && { files, complete };
  const told = (...runs: Parameters<typeof fileLines>[0]) => fileLines(runs).map(({ name, verdict }) => `${name} ${verdict}`);
  const verdicts = (...runs: (FileFact[] | null)[]) => told(...runs.map((files) => listed(files)));

  it('are the same by their checksums alone', () => {
    expect(verdicts([file('a', 1, 'x')], [file('a', 1, 'x')])).toEqual(['a same']);
    expect(verdicts([file('a', 1, 'x')], [file('a', 1, 'y')])).toEqual(['a differs']);
    expect(verdicts([file('a', 1, null)], [file('a', 1, 'y')])).toEqual(['a unknown']);
    expect(verdicts([file('a', 1, null)], [file('a', 2, null)])).toEqual(['a differs']);
    expect(verdicts([file('a', 1, null)], [file('a', 1, 'y')], [file('a', 1, 'z')])).toEqual(['a differs']);
  });

  it('are not in all runs where one lacks them, and a run that nobody knows has no say', () => {
    expect(verdicts([file('a', 1, 'x')], [])).toEqual(['a part']);
    expect(verdicts([file('a', 1, 'x')], null, [file('a', 1, 'x')])).toEqual(['a same']);
  });

  it('are not said to be missing where not all files are listed', () => {
    expect(told(listed([file('a', 1, 'x')]), listed([], false))).toEqual(['a unknown']);
    expect(told(listed([file('a', 1, 'x')]), listed([], false), listed([]))).toEqual(['a part']);
  });

  it('stand with those first that differ', () => {
    expect(verdicts([file('a', 1, 'x'), file('b', 1, 'x')], [file('a', 1, 'x'), file('b', 1, 'y')])).toEqual(['b differs', 'a same']);
  });
});
