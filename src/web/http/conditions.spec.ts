import { decide, type Version } from './conditions';

const MTIME = Date.UTC(2026, 10, 25, 12, 0, 0);
const version: Version = { size: 10, tag: '"a1"', mtimeMs: MTIME + 300 };
const date = (ms: number) => new Date(ms).toUTCString();
const whole = { status: 200, range: { from: 0, to: 10 } };
const part = (from: number, to: number) => ({ status: 206, range: { from, to } });

describe('conditions of a request', () => {
  it.each<[string, Record<string, string>, object]>([
    ['none', {}, whole],
    ['a part', { range: 'bytes=3-5' }, part(3, 6)],
    ['from a byte on', { range: 'bytes=3-' }, part(3, 10)],
    ['the end', { range: 'bytes=-2' }, part(8, 10)],
    ['an end longer than all', { range: 'bytes=-20' }, part(0, 10)],
    ['a part that reaches beyond', { range: 'bytes=3-500' }, part(3, 10)],
    ['beyond the end', { range: 'bytes=10-' }, { status: 416 }],
    ['turned around', { range: 'bytes=5-3' }, { status: 416 }],
    ['nothing from the end', { range: 'bytes=-0' }, { status: 416 }],
    ['two parts', { range: 'bytes=0-1,3-4' }, whole],
    ['another unit', { range: 'lines=1-2' }, whole],
    ['nonsense', { range: 'bytes=-' }, whole],
    ['the part of this state', { range: 'bytes=3-5', 'if-range': '"a1"' }, part(3, 6)],
    ['the part of another state', { range: 'bytes=3-5', 'if-range': '"b2"' }, whole],
    ['a weak tag, which proves nothing', { range: 'bytes=3-5', 'if-range': 'W/"a1"' }, whole],
    ['the part by date', { range: 'bytes=3-5', 'if-range': date(MTIME) }, part(3, 6)],
    ['the part by an older date', { range: 'bytes=3-5', 'if-range': date(MTIME - 5000) }, whole],
    ['the part by no date', { range: 'bytes=3-5', 'if-range': 'yesterday' }, whole],
    ['known', { 'if-none-match': '"a1"' }, { status: 304 }],
    ['known among others', { 'if-none-match': '"x", W/"a1"' }, { status: 304 }],
    ['any', { 'if-none-match': '*' }, { status: 304 }],
    ['not known, whatever the date', { 'if-none-match': '"x"', 'if-modified-since': date(MTIME) }, whole],
    ['unchanged since', { 'if-modified-since': date(MTIME) }, { status: 304 }],
    ['changed since', { 'if-modified-since': date(MTIME - 1000) }, whole],
    ['only this', { 'if-match': '"a1"' }, whole],
    ['only another', { 'if-match': '"b2"' }, { status: 412 }],
    ['only if not changed since', { 'if-unmodified-since': date(MTIME) }, whole],
    ['only if not changed before', { 'if-unmodified-since': date(MTIME - 1000) }, { status: 412 }],
  ])('%s', (_what, headers, answer) => expect(decide({ headers }, version)).toEqual(answer));

  it('of nothing is nothing', () => {
    expect(decide({ headers: {} }, { ...version, size: 0 })).toEqual({ status: 200, range: { from: 0, to: 0 } });
    expect(decide({ headers: { range: 'bytes=0-' } }, { ...version, size: 0 })).toEqual({ status: 416 });
  });
});
