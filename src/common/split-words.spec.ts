import { splitWords } from './split-words';

describe('splitWords', () => {
  it.each([
    ['', []],
    ['python process.py', ['python', 'process.py']],
    [`  a   "b c"  'd  e' `, ['a', 'b c', 'd  e']],
    [`bash -c "python -u pipex.py 2>&1 | tee 'log.txt'"`, ['bash', '-c', `python -u pipex.py 2>&1 | tee 'log.txt'`]],
    [String.raw`a\ b "say \"x\"" --n='' $HOME`, ['a b', 'say "x"', '--n=', '$HOME']],
  ])('splits %s', (line, words) => expect(splitWords(line)).toEqual(words));
});
