import { paramsIn } from './script-runner';

describe('paramsIn', () => {
  it.each([
    [
      'input=a.txt,conf=c.ini,output=o,',
      [
        ['input', 'a.txt'],
        ['conf', 'c.ini'],
        ['output', 'o'],
      ],
    ],
    [
      'words=one, two,three,n=1,',
      [
        ['words', 'one, two,three'],
        ['n', '1'],
      ],
    ],
    ['sum=1=1,', [['sum', '1=1']]],
    ['', []],
    ['empty=,', [['empty', '']]],
  ])('takes %j apart', (text, params) => expect(paramsIn(text)).toEqual(params));
});
