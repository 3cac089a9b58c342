import { safePath } from './addresses';

describe('safePath', () => {
  it.each(['/', '/projects', '/runs/12?tab=log', '/projects/a%2Fb', '/files/%E2%82%AC'])('goes on to %s', (path) => {
    expect(safePath(path)).toBe(path);
  });

  it.each([
    '//evil.test',
    '///evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    '/.//evil.test',
    '/x/..//evil.test',
    '/%2e%2e//evil.test',
    '/\t/evil.test',
    '/\n/evil.test',
    'https://evil.test/',
    'http:evil.test',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.test',
    '?next=x',
    '',
    `/${'x'.repeat(2001)}`,
    '/login',
    '/login?next=/login',
    '/logout',
    '/signup/',
    ['/projects'],
    { toString: () => '/projects' },
    undefined,
    null,
    7,
  ])('does not go on to %j', (asked) => {
    expect(safePath(asked, '/home')).toBe('/home');
  });

  it('leaves no line break for the header', () => {
    expect(safePath('/x\r\nSet-Cookie: a=b')).toBe('/xSet-Cookie:%20a=b');
  });
});
