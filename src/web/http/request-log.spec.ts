import { withoutSecrets } from './request-log';

describe('withoutSecrets', () => {
  it.each([
    ['/link/SECRET', '/link/…'],
    ['/shared/SECRET', '/shared/…'],
    ['/showrunner/expiring/SECRET', '/showrunner/expiring/…'],
    ['/showrunner/link/SECRET', '/showrunner/link/…'],
    ['/a/b/shared/SECRET', '/a/b/shared/…'],
    ['/LINK/SECRET', '/LINK/…'],
    ['/report-content/SECRET/a.html', '/report-content/…/a.html'],
    ['/showrunner/shared-file/SECRET/a.csv', '/showrunner/shared-file/…/a.csv'],
    ['/projects/1/shares', '/projects/1/shares'],
  ])('writes %s as %s', (path, written) => expect(withoutSecrets(path)).toBe(written));
});
