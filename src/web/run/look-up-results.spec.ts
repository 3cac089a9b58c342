import { LimitError } from '../../common/errors';
import { lookUpResults } from './look-up-results';

describe('lookUpResults', () => {
  const after = { number: 7, title: 'Segment', isOver: true, outputs: [] };
  const resultsOf = () => Promise.resolve([{ name: 'cells.csv' }, { name: 'deep/nuclei.csv' }]);

  it('takes a pattern that fits, and any of a run that is not over', async () => {
    expect(await lookUpResults('**/n*.csv', after, resultsOf)).toEqual({ name: 'n*.csv' });
    expect(await lookUpResults('*.tif', { ...after, isOver: false }, resultsOf)).toEqual({ name: '*.tif' });
  });

  it.each([
    ['*.tif', after, 'Run 7 gave no result that fits *.tif.'],
    ['*.csv', null, 'this run follows none'],
    ['', after, 'Write a pattern'],
    ['x'.repeat(201), after, 'Write a pattern'],
    [`${'*'.repeat(199)}x`, after, 'Write a pattern'],
    ['*a'.repeat(21), after, 'at most 200 characters and 20 of * and ?'],
  ])('says what is wrong with %j', async (glob, followed, fault) => {
    expect(await lookUpResults(glob, followed, resultsOf)).toEqual({ fault: expect.stringContaining(fault) });
  });

  it('says it beside the field where the results cannot be looked through', async () => {
    const tooMany = () => Promise.reject(new LimitError('chains.tooManyResults', { number: 7, most: 20_000 }));
    expect(await lookUpResults('*.csv', after, tooMany)).toEqual({ fault: expect.stringContaining('too many to look through') });
    const broken = () => Promise.reject(new Error('EIO'));
    await expect(lookUpResults('*.csv', after, broken)).rejects.toThrow('EIO');
  });
});
