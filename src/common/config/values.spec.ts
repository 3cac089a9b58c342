import type { z } from 'zod';
import { bytes, cronExpression, mailbox, mailServer, onOff, seconds, webAddress, whole } from './values';

const accepts = (schema: z.ZodType, value: string) => schema.safeParse(value).success;

describe('values of settings', () => {
  it.each([
    ['20 GB', 20e9],
    ['512MiB', 512 * 1024 ** 2],
    ['1000', 1000],
    ['1.5 kB', 1500],
  ])('read %s as bytes', (text, value) => expect(bytes.parse(text)).toBe(value));

  it.each([
    ['90s', 90],
    ['10m', 600],
    ['7d', 604_800],
    ['3600', 3600],
  ])('read %s as seconds', (text, value) => expect(seconds.parse(text)).toBe(value));

  it.each([
    [bytes, '20 bananas'],
    [seconds, '-5s'],
    [onOff, 'maybe'],
    [whole(1, 10), '11'],
    [whole(1, 10), '1e1'],
    [webAddress, 'ftp://lab'],
    [webAddress, 'http://lab/?x=1'],
    [mailServer, 'mail.lab.org'],
    [mailServer, 'http://mail.lab.org'],
    [mailbox, 'Showrunner'],
    [mailbox, 'A <a@lab.org'],
    [mailbox, 'a@lab.org, b@lab.org'],
    [mailbox, 'a@lab.org\r\nBcc: b@lab.org'],
    [cronExpression, 'daily'],
    [cronExpression, '* * *'],
  ])('refuse what means nothing (%#: %j)', (schema, text) => {
    expect(accepts(schema, text as string)).toBe(false);
  });

  it.each([
    [mailServer, 'smtps://user:p%40ss@mail.lab.org:465'],
    [mailServer, 'smtp://127.0.0.1:2525'],
    [mailbox, 'Showrunner <showrunner@localhost>'],
    [mailbox, 'showrunner@lab.example.org'],
    [cronExpression, '17 3 * * *'],
    [cronExpression, '*/5 2-4 * * mon-fri'],
  ])('accept what people write (%#: %j)', (schema, text) => expect(accepts(schema, text)).toBe(true));
});
