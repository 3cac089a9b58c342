import { InvalidInputError } from '../../common/errors';
import { parseEntryPath } from '../../common/files/entry-name';
import { listAddress, listQuery, readListState } from './list-state';

describe('the state of a list of files', () => {
  const usual = { folder: [], by: 'name', descending: false, filter: '', page: 1 } as const;

  it('is read from an address and written into one', () => {
    const query = { path: 'a/b c', sort: 'size', order: 'desc', filter: 'x&y', page: '3' };
    const state = readListState(query);
    expect(state).toEqual({ folder: parseEntryPath('a/b c'), by: 'size', descending: true, filter: 'x&y', page: 3 });
    expect(listAddress('p1', state, { undo: 'u' })).toBe('/projects/p1?path=a%2Fb+c&sort=size&order=desc&filter=x%26y&page=3&undo=u');
    expect(readListState(listQuery(state))).toEqual({ ...state, page: 1 });
    expect(listAddress('p1', usual)).toBe('/projects/p1');
  });

  it.each([
    [{}],
    [undefined],
    ['text'],
    [{ sort: 'x', order: 'up', filter: ['a'], page: '0' }],
    [{ sort: ['name'], order: {}, filter: { a: 'b' }, page: '1e3' }],
    [{ sort: '__proto__', filter: '   ', page: '-1' }],
  ])('is the usual one for %j', (query) => {
    expect(readListState(query)).toEqual(usual);
  });

  it.each([['..'], [['a', 'b']], [{ a: 'b' }], ['a//b'], ['/etc']])('has no folder %j', (path) => {
    expect(() => readListState({ path })).toThrow(InvalidInputError);
  });
});
