import type { z } from 'zod';
import {
  bytes,
  cronExpression,
  duration,
  emailAddresses,
  gpuIds,
  hostNames,
  mailbox,
  mailServer,
  networks,
  onOff,
  viewerAddress,
  webAddress,
  webOrigin,
  whole,
} from './values';

const seconds = duration('1s', '30d');
const accepts = (schema: z.ZodType, value: string) => schema.safeParse(value).success;

describe('values of settings', () => {
  it.each([
    ['20 GB', 20e9],
    ['512MiB', 512 * 1024 ** 2],
    ['1000', 1000],
    ['1.5 kB', 1500],
  ])('read %s as bytes', (text, value) => expect(bytes.parse(text)).toBe(value));

  it('hold the UUIDs of many GPUs, and say how many characters they may have', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, index) => `GPU-${String(index).padStart(36, '0')}`);
    expect(gpuIds.parse(ids(48).join(', '))).toEqual(ids(48));
    expect(gpuIds.safeParse(ids(49).join(',')).error?.message).toMatch(/at most 2000 characters/);
  });

  it.each([
    ['90s', 90],
    ['10m', 600],
    ['7d', 604_800],
    ['3600', 3600],
  ])('read %s as seconds', (text, value) => expect(seconds.parse(text)).toBe(value));

  it.each([
    ['20 bananas', bytes],
    ['-5s', seconds],
    ['0', seconds],
    ['31d', seconds],
    ['http://lab1/', hostNames],
    ['lab1, x@lab2', hostNames],
    ['boss', emailAddresses],
    ['maybe', onOff],
    ['11', whole(1, 10)],
    ['1e1', whole(1, 10)],
    ['ftp://lab', webAddress],
    ['http://lab/?x=1', webAddress],
    ['mail.lab.org', mailServer],
    ['http://mail.lab.org', mailServer],
    ['Showrunner', mailbox],
    ['A <a@lab.org', mailbox],
    ['a@lab.org, b@lab.org', mailbox],
    ['a@lab.org\r\nBcc: b@lab.org', mailbox],
    ['10.0.0.0/33', networks],
    ['10.0.0', networks],
    ['lab1', networks],
    ['::1/129', networks],
    ['10.0.0.0/8/8', networks],
    ['daily', cronExpression],
    ['* * *', cronExpression],
  ])('refuse what means nothing %j', (text, schema) => {
    expect(accepts(schema, text)).toBe(false);
  });

  it.each([
    ['smtps://user:p%40ss@mail.lab.org:465', mailServer],
    ['smtp://127.0.0.1:2525', mailServer],
    ['Showrunner <showrunner@localhost>', mailbox],
    ['showrunner@lab.example.org', mailbox],
    ['17 3 * * *', cronExpression],
    ['lab1, lab1.example.org:8080 [::1]', hostNames],
    ['', hostNames],
    ['boss@lab.org,second@lab.org', emailAddresses],
    ['127.0.0.1, 10.0.0.0/8 fd00::/8', networks],
    ['', networks],
    ['*/5 2-4 * * mon-fri', cronExpression],
  ])('accept what people write %j', (text, schema) => expect(accepts(schema, text)).toBe(true));

  it('take an origin without path, and a viewer with its place', () => {
    expect(webOrigin.parse('http://lab1:8081/')).toBe('http://lab1:8081');
    for (const bad of ['lab1', 'http://lab1/x', 'http://lab1/?a', 'ftp://lab1', 'http://me@lab1'])
      expect(accepts(webOrigin, bad)).toBe(false);
    expect(accepts(viewerAddress, 'https://v.test/?csv={url}')).toBe(true);
    expect(accepts(viewerAddress, 'https://v.test/?csv=')).toBe(false);
  });
});
