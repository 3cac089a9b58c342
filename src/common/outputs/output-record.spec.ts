import { asOutputRecord } from './output-record';

describe('asOutputRecord', () => {
  const file = (path: string) => ({ path, inode: '1', size: 1, mtimeNs: '1', sha256: null });

  it('leaves out files so deep that no page could name them, and says that something is missing', () => {
    const deep = `${'a/'.repeat(64)}b.txt`;
    const record = { complete: true, done: true, files: [file('a.txt'), file(deep), file(deep.slice(2))] };
    expect(asOutputRecord(record)).toMatchObject({ complete: false, done: true, files: [{ path: 'a.txt' }, { path: deep.slice(2) }] });
    expect(asOutputRecord({ ...record, files: [file('a.txt')] })).toMatchObject({ complete: true });
  });
});
