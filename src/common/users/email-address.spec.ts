import { InvalidInputError } from '../errors';
import { displayNameOf, parseEmail } from './email-address';

describe('parseEmail', () => {
  it.each([
    ['mira@example.org', 'mira@example.org'],
    ['  Mira.Lindqvist+lab@Sub.Example.ORG ', 'mira.lindqvist+lab@sub.example.org'],
    ['root@localhost', 'root@localhost'],
    ["o'brien@x-y.example", "o'brien@x-y.example"],
    [`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
  ])('takes %j', (entered, stored) => {
    expect(parseEmail(entered)).toBe(stored);
  });

  it.each([
    '',
    '   ',
    'mira',
    '@example.org',
    'mira@',
    'mira@@example.org',
    'a b@example.org',
    'mira@example..org',
    '.mira@example.org',
    'mira.@example.org',
    'mi..ra@example.org',
    'mira@-example.org',
    'mira@example.org\r\nBcc: victim@evil.test',
    'mira@example.org\nx',
    'a@x.org, b@y.org',
    'a@x.org;b@y.org',
    'x:victim@evil.test;',
    '"victim@evil.test x"@lab.test',
    'Mira <mira@example.org>',
    'mira(comment)@example.org',
    'mira@[192.0.2.1]',
    'mirä@example.org',
    'mira@example.org\0',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b.'.repeat(130)}org`,
  ])('refuses %j beside the field', (entered) => {
    expect(() => parseEmail(entered)).toThrow(InvalidInputError);
    expect(() => parseEmail(entered)).toThrow(expect.objectContaining({ field: 'email' }));
  });
});

describe('displayNameOf', () => {
  it('gives the part before the @ alone', () => {
    expect(displayNameOf('mira.lindqvist@example.org')).toBe('mira.lindqvist');
  });
});
