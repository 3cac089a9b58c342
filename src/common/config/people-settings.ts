import { z } from 'zod';
import { setting } from './setting';
import { duration, emailAddresses, list, mailDomains, onOff, whole } from './values';

/** Who may be here: accounts, guests, people of another table, and how long a log-in lasts. In the order of `.env.example`. */
export const PEOPLE_SETTINGS = {
  ADMIN_EMAILS: setting(emailAddresses, '', 'E-mail addresses whose accounts are administrators, separated by commas.'),
  FIRST_ACCOUNT_IS_ADMIN: setting(onOff, 'off', 'Makes the first account that signs up an administrator; quickstart turns it on.'),
  SIGN_UP: setting(
    z.enum(['open', 'domains', 'invitation', 'closed']),
    'open',
    'Who may make an account: open, domains (addresses of SIGN_UP_DOMAINS), invitation (people with a link of an administrator), or closed; invitations work in all of them.',
  ),
  SIGN_UP_DOMAINS: setting(
    mailDomains,
    '',
    'Domains of the addresses that may sign up where SIGN_UP is domains, such as "lab.example.org *.example.edu", separated by commas or blanks.',
  ),
  VERIFY_EMAIL: setting(
    onOff,
    'off',
    'Lets people log in only after they followed a link in a mail to their address; needs SMTP_URL, and is on where SIGN_UP is domains.',
  ),
  DEMO_USERLIST: setting(
    list,
    '',
    'E-mail addresses of accounts that show their projects and results to whoever logs in with them, and change nothing; separated by commas.',
  ),
  ALLOW_GUESTS: setting(onOff, 'on', 'Lets people work without an account, in a space that belongs to their browser.'),
  GUEST_KEY: setting(
    z.enum(['cookie', 'ip']),
    'cookie',
    'What a guest space belongs to: cookie, one browser; or ip, everybody at one network address, which is unsafe (docs/guests.md) and wants TRUST_PROXY.',
  ),
  GUEST_DAYS: setting(whole(1, 3650), '7', 'Days after its last use that a guest space is deleted with all that is in it.'),
  SESSION_IDLE: setting(duration('1m', '3650d'), '8h', 'Time without a request after which a person has to log in again.'),
  SESSION_MOST: setting(duration('1m', '3650d'), '7d', 'Longest time that a log-in lasts.'),
  SAMPLE_PROJECT: setting(onOff, 'on', 'Gives each newcomer a sample project with a sample image.'),
};
