import { mailSender } from './mail-sender';

describe('mailSender', () => {
  it.each([
    ['runs@lab.org', '', 'Showrunner', 'runs@lab.org'],
    ['runs@lab.org', 'Bioimaging  Core\n', 'Showrunner · Bioimaging Core', 'runs@lab.org'],
    ['The Core <runs@lab.org>', 'Bioimaging Core', 'The Core', 'runs@lab.org'],
  ])('%s of the site %p is %s <%s>', (MAIL_FROM, SITE_NAME, name, address) => {
    expect(mailSender({ MAIL_FROM, SITE_NAME })).toEqual({ name, address });
  });
});
