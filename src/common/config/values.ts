import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { ENGINES, type Engine } from '../pipelines/runtime';
import { isViewerAddress } from '../pipelines/viewer-address';

/** Schemas of the kinds of value that settings take. Each turns the text of an environment variable into a typed value. */

const UNIT_BYTES: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};
const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Bytes from "20 GB", "512 MiB" or "1000". */
export function parseBytes(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)?$/i.exec(value.trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (UNIT_BYTES[(match[2] ?? 'b').toLowerCase()] ?? 1));
}

/** Seconds from "90s", "10m", "2h", "7d" or "3600". */
export function parseSeconds(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([smhd])?$/i.exec(value.trim());
  if (!match) return undefined;
  return Number(match[1]) * (UNIT_SECONDS[(match[2] ?? 's').toLowerCase()] ?? 1);
}

function parsed<Value>(parse: (value: string) => Value | undefined, wanted: string) {
  return z.string().transform((value, context) => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: `"${value}" is not ${wanted}` });
    return z.NEVER;
  });
}

export const bytes = parsed(parseBytes, 'a size such as "500 MB" or "20 GiB"');

/** Seconds from `least` to `most`, both as people write them: no time at all, and more than a timer can count, mean something else than they say. */
export const duration = (least: string, most: string) =>
  parsed((value) => {
    const seconds = parseSeconds(value);
    return seconds !== undefined && seconds >= parseSeconds(least)! && seconds <= parseSeconds(most)! ? seconds : undefined;
  }, `a duration from ${least} to ${most}, such as "90s", "10m", "2h" or "7d"`);

export const onOff = parsed(
  (value) => ({ on: true, true: true, yes: true, '1': true, off: false, false: false, no: false, '0': false })[value.toLowerCase()],
  '"on" or "off"',
);

/** A whole number from `least` to `most`. */
export const whole = (least: number, most: number) =>
  parsed(
    (value) => (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most ? Number(value) : undefined),
    `a whole number from ${least} to ${most}`,
  );

/** Comma- or blank-separated words; empty text is an empty list. */
export const list = z.string().transform((value) => value.split(/[\s,]+/).filter(Boolean));

const listOf = (word: RegExp, wanted: string) =>
  list.refine((words) => words.every((one) => word.test(one)), { error: ({ input }) => `"${String(input)}" is not a list of ${wanted}` });

/** Names without scheme and path; a port may follow. */
export const hostNames = listOf(/^(?:\[[\da-f:]+\]|[\w.-]+)(?::\d+)?$/i, 'host names such as "lab1 lab1.example.org"');
/** Domains of e-mail addresses in lower case; `*.` before one stands for those below it. */
export const mailDomains = listOf(/^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i, 'domains such as "lab.example.org *.example.edu"').transform(
  (domains) => domains.map((domain) => domain.toLowerCase()),
);
export const emailAddresses = listOf(/^[^\s@]+@[^\s@]+$/, 'e-mail addresses');

/** A table, with its database before a dot if it is another one. */
export const tableName = z.string().regex(/^[A-Za-z0-9_$]{1,64}(\.[A-Za-z0-9_$]{1,64})?$/, 'write a table such as users, or people.users');

/** A column; letters, digits and underscores, as in SQL without quotes. */
export const columnName = z.string().regex(/^[A-Za-z0-9_$]{1,64}$/, 'write the name of a column');

/** A folder, made absolute against the working directory. */
export const folder = z
  .string()
  .min(1)
  .transform((value) => (isAbsolute(value) ? value : resolve(value)));

/** A file, made absolute against the working directory; whether it is there shows when it is read. */
export const file = folder;

/** An http or https address without query; the trailing slash is dropped. */
export const webAddress = parsed((value) => {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  const plain = (url.protocol === 'http:' || url.protocol === 'https:') && !url.search && !url.hash && !url.username;
  return plain ? url.href.replace(/\/+$/, '') : undefined;
}, 'an address such as "http://lab.example.org/showrunner"');

/** Scheme, host and port alone. */
export const webOrigin = parsed((value) => {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  const plain = (url.protocol === 'http:' || url.protocol === 'https:') && url.href === `${url.origin}/`;
  return plain ? url.origin : undefined;
}, 'an address without a path, such as "http://reports.lab.example.org" or "http://lab1:8081"');

/** Address of a viewer that is told by `{url}` where a file is. */
export const viewerAddress = parsed(
  (value) => (isViewerAddress(value) ? value : undefined),
  'an address with {url} in it, such as "https://viewer.example.org/ellviewer.html?csv={url}"',
);

/** Address of a mail server: smtp://user:password@host:587 or smtps://…, which nodemailer reads. */
export const mailServer = parsed((value) => {
  if (!URL.canParse(value)) return undefined;
  const { protocol, hostname } = new URL(value);
  return (protocol === 'smtp:' || protocol === 'smtps:') && hostname !== '' ? value : undefined;
}, 'an address such as "smtp://user:password@host:587" (or smtps://)');

const MAILBOX = /^(?:[^<>",;:@\r\n]+ <)?[^\s<>",;:@]+@[\w.-]+>?$/;

/** A sender: `name@host`, or `A Name <name@host>`. */
export const mailbox = parsed(
  (value) => (MAILBOX.test(value) && value.includes('<') === value.endsWith('>') ? value : undefined),
  'a sender such as "Showrunner <showrunner@lab.example.org>"',
);

/** Five fields of a cron expression, or six with seconds first. */
export const cronExpression = parsed(
  (value) => (/^\s*(?:[\d*/,?a-z-]+\s+){4,5}[\d*/,?a-z-]+\s*$/i.test(value) ? value.trim() : undefined),
  'a cron expression such as "17 3 * * *"',
);

/** Engines of a runner, each once. */
export const engines = parsed(
  (value) => {
    const names = [...new Set(value.split(/[\s,]+/).filter(Boolean))];
    return names.length > 0 && names.every(isEngine) ? (names as Engine[]) : undefined;
  },
  `a list of engines (${ENGINES.join(', ')})`,
);

/** Addresses, or networks as address/bits. */
export const networks = parsed((value) => {
  const words = value.split(/[\s,]+/).filter(Boolean);
  return words.every(isNetwork) ? words : undefined;
}, 'a list of networks such as 10.1.0.0/16 or fd00::/8');

function isNetwork(word: string): boolean {
  const [address, bits, ...more] = word.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  return family !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

/** Where a Docker Engine listens. */
export const dockerAddress = parsed(
  (value) => (/^(?:unix:\/\/\/\S+|tcp:\/\/[^\s/@]+)$/.test(value) && URL.canParse(value) ? value : undefined),
  'an address such as unix:///var/run/docker.sock or tcp://host:2375',
);

/** `inside=outside` pairs of absolute folders, separated by commas. */
export const pathPairs = parsed((value) => {
  const pairs = value
    .split(',')
    .map((pair) => pair.trim())
    .filter(Boolean);
  const parts = pairs.map((pair) => /^(\/[^=]*)=(\/.*)$/.exec(pair));
  if (!parts.every((part) => part !== null)) return undefined;
  return parts.map(([, inside, outside]) => ({ inside: withoutEndingSlash(inside), outside: withoutEndingSlash(outside) }));
}, 'a list such as /data=/srv/showrunner of absolute folders, inside and outside of the container of the runner');

function withoutEndingSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

/** Cores, such as 8 or 1.5. */
export const cores = parsed(
  (value) => (/^\d+(\.\d+)?$/.test(value) && Number(value) > 0 && Number(value) <= 100_000 ? Number(value) : undefined),
  'a number of cores, such as 8 or 1.5',
);

/** What the columns for them hold. */
const MOST_GPU_CHARACTERS = 2000;

/** Ids of GPUs as CUDA names them: numbers, or `GPU-…` and `MIG-…`. */
export const gpuIds = parsed((value) => {
  const ids = value.split(/[\s,]+/).filter(Boolean);
  const fits = ids.join(',').length <= MOST_GPU_CHARACTERS && new Set(ids).size === ids.length;
  return fits && ids.every((id) => /^[\w.:/-]+$/.test(id)) ? ids : undefined;
}, `a list of different GPU ids, such as 0,1, of at most ${MOST_GPU_CHARACTERS} characters in all`);

function isEngine(name: string): boolean {
  return (ENGINES as readonly string[]).includes(name);
}

/** Whether there is such a language shows when their files are read. */
export const languageTag = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'write the tag of a language, such as en, zh or pt-BR');

/** Names of groups elsewhere, which may hold commas and blanks. */
const semicolons = (value: string) =>
  value
    .split(';')
    .map((one) => one.trim())
    .filter(Boolean);

/** Groups of another system, separated by semicolons. */
export const directoryGroups = z.string().transform(semicolons);

/** `here=there` pairs of groups, separated by semicolons: what is behind the first equals sign is the group of the other system. */
export const groupPairs = parsed((value) => {
  const pairs = semicolons(value).map((pair) => /^([^=]*[^=\s])\s*=\s*(.+)$/.exec(pair));
  if (!pairs.every((pair) => pair !== null)) return undefined;
  const names = pairs.map(([, here, there]) => ({ here, there }));
  return names.every(({ here }) => here.length <= 100 && !/[@,]/.test(here)) ? names : undefined;
}, 'a list such as "microscopy=cn=microscopy,ou=groups,dc=lab; staff=/staff": a group here, an equals sign, a group there');

/** Address by which a provider names itself; it is compared letter by letter, so nothing of it is changed. */
export const issuer = parsed((value) => {
  if (!URL.canParse(value)) return undefined;
  const { protocol, search, hash, username } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && !search && !hash && !username ? value : undefined;
}, 'an address such as "https://sso.example.org/realms/lab"');

/** Address of a directory. */
export const ldapAddress = parsed(
  (value) => (/^ldaps?:\/\/(\[[\da-f:]+\]|[\w.-]+)(:\d+)?\/?$/i.test(value) ? value : undefined),
  'an address such as "ldaps://ldap.example.org" or "ldap://ldap.example.org:389"',
);

const TAKEN_HEADERS = /^(host|cookie|set-cookie|authorization|origin|referer|forwarded|connection|content-.*|sec-.*|x-forwarded-.*)$/i;

/** Name of a header of one's own. Underscores are no part of it: servers take them for hyphens, or do not, and that has been an attack. */
export const headerName = parsed(
  (value) => (/^[a-z][a-z0-9-]{0,60}$/i.test(value) && !TAKEN_HEADERS.test(value) ? value.toLowerCase() : undefined),
  'the name of a header of its own such as X-Remote-User, of letters, digits and hyphens',
);
