import { z } from 'zod';
import { setting } from './setting';
import { columnName, duration, emailAddresses, list, mailDomains, onOff, tableName, whole } from './values';

const line = z.string().min(1);

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
  EXTERNAL_USERS_URL: setting(
    line.optional(),
    undefined,
    'Second database, MariaDB as mysql://user:password@host:3306/name, whose table of people may log in here as well; docs/external-users.md.',
  ),
  EXTERNAL_USERS_TABLE: setting(tableName, 'users', 'Table of people in that database.'),
  EXTERNAL_USERS_NAME: setting(columnName, 'username', 'Its column of log-in names, each of which is there once.'),
  EXTERNAL_USERS_HASH: setting(columnName, 'password', 'Its column of passwords as SHA-256 in hexadecimal digits.'),
  EXTERNAL_USERS_EMAIL: setting(
    columnName.optional(),
    undefined,
    'Its column of e-mail addresses; unset: log-in names that are addresses serve.',
  ),
  EXTERNAL_USERS_ACTIVE: setting(
    columnName.optional(),
    undefined,
    'Its column that is 1 for people who may log in and 0 for others; unset: all may who are in the table.',
  ),
  EXTERNAL_USERS_ID: setting(
    columnName.optional(),
    undefined,
    'Its column of ids that never change; unset: the log-in name, which must not change then.',
  ),
  EXTERNAL_USERS_CHECK: setting(duration('1s', '1d'), '5m', 'How often it is asked about people who are logged in.'),
  EXTERNAL_USERS_GRACE: setting(
    duration('1s', '30d'),
    '24h',
    'How long after it was last asked about them people may log in with their last password while it cannot be reached.',
  ),
  DEMO_USERLIST: setting(
    list,
    '',
    'E-mail addresses (names, where an external table has none) of accounts that show their projects and results to whoever logs in with them, and change nothing; separated by commas.',
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
  TOKEN_DAYS: setting(
    whole(1, 3650),
    '365',
    'Longest time in days that a token for programs is good; a shorter one ends those that are there, too.',
  ),
  SAMPLE_PROJECT: setting(onOff, 'on', 'Gives each newcomer a sample project with a sample image.'),
};
