import { hostPath } from './host-paths';

const PAIRS = [
  { inside: '/data', outside: '/srv/showrunner' },
  { inside: '/data/inbox', outside: '/mnt/big' },
];

describe('hostPath', () => {
  it.each([
    ['/data', '/srv/showrunner'],
    ['/data/files/a b', '/srv/showrunner/files/a b'],
    ['/data/inbox/x.tif', '/mnt/big/x.tif'],
    ['/data/inbox2/x.tif', '/srv/showrunner/inbox2/x.tif'],
    ['/database', '/database'],
    ['/models', '/models'],
  ])('takes %s to %s', (inside, outside) => expect(hostPath(inside, PAIRS)).toBe(outside));

  it('leaves everything where it is without pairs, and takes all with that of the root', () => {
    expect(hostPath('/data/x', [])).toBe('/data/x');
    expect(hostPath('/data/x', [{ inside: '/', outside: '/host' }])).toBe('/host/data/x');
  });
});
