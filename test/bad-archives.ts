import { deflateRawSync } from 'node:zlib';
import { extraField, unicodePath, writeZip, type ZipEntry } from './zip-writer';

/** An archive that must not be unpacked. */
export interface BadArchive {
  bytes: () => Buffer;
  /** Part of the name of the entry that the message names; null where the archive as a whole is at fault. */
  entry: string | null;
  /** What the message says about it. */
  reason: RegExp;
}

const LINK = 0o120777;
const good: ZipEntry = { name: 'good.txt', content: 'good' };
const bomb = Buffer.alloc(120_000_000);

/** One entry of that name, after one that is fine: nothing of it may remain either. */
function named(name: string | Buffer, reason: RegExp, more: Partial<ZipEntry> & { entry?: string } = {}): BadArchive {
  const {
    entry = String(name)
      .replaceAll(/\p{Cc}|[\u202e]/gu, '\u{fffd}')
      .slice(0, 40),
    ...rest
  } = more;
  return { bytes: () => writeZip([good, { name, content: 'bad', ...rest }]), entry, reason };
}

function whole(bytes: () => Buffer, reason: RegExp): BadArchive {
  return { bytes, entry: null, reason };
}

function entries(list: () => ZipEntry[], entry: string, reason: RegExp): BadArchive {
  return { bytes: () => writeZip(list()), entry, reason };
}

const OUT = /lead out of the folder/;
const flagged = (name: Buffer): Partial<ZipEntry> => ({ name, lies: { flags: 0x0800 } });

const NAMES: Record<string, BadArchive> = {
  'slip-dotdot': named('../evil.txt', OUT),
  'slip-mid-dotdot': named('a/../../evil.txt', OUT),
  'slip-abs': named('/etc/cron.d/evil', OUT),
  'slip-double-slash-abs': named('//etc/evil', OUT),
  'slip-backslash': named('..\\evil.txt', OUT),
  'slip-inner-backslash': named('a\\..\\evil.txt', OUT),
  'slip-drive': named('C:\\evil.txt', OUT),
  'slip-drive-rel': named('C:evil.txt', OUT),
  'slip-unc': named('\\\\host\\share\\evil.txt', OUT),
  'slip-unicode-path-extra': {
    bytes: () => {
      const extra = unicodePath('ok.txt', '../evil.txt');
      return writeZip([good, { name: Buffer.from('ok.txt'), content: 'bad', extra, localExtra: extra }]);
    },
    entry: '../evil.txt',
    reason: OUT,
  },
  'slip-dot-only': named('.', OUT),
  'slip-empty-name': named('', OUT),
  'slip-dir-dotdot': named('../evil/', OUT, { content: '', mode: 0o040755 }),
  'nul-name': named('a\0.txt', OUT),
  'newline-name': named('a\nb.txt', /invisible/),
  'esc-name': named('a\u001b[31mb.txt', /invisible/),
  'rtl-name': named('a\u202Etxt.exe', /invisible/),
  'bad-utf8-name': named(Buffer.from([0x61, 0xff, 0xfe, 0x62]), /no valid characters/, {
    ...flagged(Buffer.from([0x61, 0xff, 0xfe, 0x62])),
    entry: 'a',
  }),
  'overlong-dotdot': named(Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x65]), /no valid characters/, {
    ...flagged(Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x65])),
    entry: '/e',
  }),
  'html-name': named('<img src=x onerror=alert(1)>.txt', /not every computer/),
  'trailing-dot-space': named('name. ', /blank/),
  'trailing-dot': named('name.', /dot/),
  'con-name': named('CON.txt', /reserved/),
  'long-name-256': named('x'.repeat(256), /255/),
  'deep-2000': named(`${'d/'.repeat(2000)}deep.txt`, /32 folders/, { entry: 'd/d/d/d' }),
  'dotfile-env': named('.env', /obey/),
  'dotfile-ssh': named('home/.ssh/authorized_keys', /obey/),
  'dotfile-rprofile': named('.Rprofile', /obey/),
};

const KINDS: Record<string, BadArchive> = {
  'symlink-file': named('link', /link/, { content: '/etc/passwd', mode: LINK }),
  'symlink-then-file': entries(
    () => [
      { name: 'link', content: '/tmp', mode: LINK },
      { name: 'link', content: 'bad' },
    ],
    'link',
    /link/,
  ),
  'symlink-dir-then-child': entries(
    () => [good, { name: 'dir', content: '..', mode: LINK }, { name: 'dir/evil.txt', content: 'bad' }],
    'dir',
    /link/,
  ),
  'symlink-chain': entries(
    () => [
      { name: 'a', content: 'b', mode: LINK },
      { name: 'b', content: '..', mode: LINK },
      { name: 'a/evil.txt', content: 'bad' },
    ],
    'a',
    /link/,
  ),
  'mode-fifo': named('pipe', /device, a pipe/, { mode: 0o010644 }),
  'mode-chardev': named('null', /device, a pipe/, { mode: 0o020666 }),
  'mode-blockdev': named('disk', /device, a pipe/, { mode: 0o060666 }),
  'mode-socket': named('socket', /device, a pipe/, { mode: 0o140666 }),
  'mode-setuid': named('su', /setuid/, { mode: 0o104755 }),
  'mode-setgid': named('sg', /setuid/, { mode: 0o102755 }),
  trailing_slash_payload: named('dir/', /folder that holds data/, { mode: 0o100644 }),
  'folder-payload': named('dir/', /folder that holds data/, { mode: 0o040755 }),
  'dup-names': entries(
    () => [
      { name: 'a.txt', content: '1' },
      { name: 'a.txt', content: '2' },
    ],
    'a.txt',
    /twice/,
  ),
  'dup-case': entries(
    () => [
      { name: 'a.txt', content: '1' },
      { name: 'A.TXT', content: '2' },
    ],
    'A.TXT',
    /upper and lower case/,
  ),
  'dup-case-folder': entries(() => [{ name: 'dir/a' }, { name: 'Dir/b' }], 'Dir/b', /upper and lower case/),
  'dup-nfc-nfd': entries(() => ['\u00e9.txt', 'e\u0301.txt'].map((name) => ({ name, content: name })), 'e\u0301.txt', /twice/),
  'file-then-dir': entries(
    () => [
      { name: 'a', content: '1' },
      { name: 'a/b', content: '2' },
    ],
    'a/b',
    /file and a folder/,
  ),
  'dir-then-file': entries(
    () => [
      { name: 'a/b', content: '1' },
      { name: 'a', content: '2' },
    ],
    'a',
    /file and a folder/,
  ),
};

const DATA: Record<string, BadArchive> = {
  'local-name-differs': named('listed.txt', /differs from the table/, { lies: { localName: 'before.txt' } }),
  'local-method-differs': named('a.txt', /differs from the table/, { method: 8, lies: { localMethod: 0 } }),
  'local-flags-differ': named('a.txt', /differs from the table/, { lies: { localFlags: 0x0801 } }),
  'local-size-differs': named('a.txt', /differs from the table/, { lies: { localSize: 1 } }),
  'bomb-lying-usize': named('bomb', /more or less/, { content: Buffer.alloc(50_000_000), method: 8, lies: { size: 10, localSize: 10 } }),
  short_usize: named('short', /more or less/, { content: 'a longer text', method: 8, lies: { size: 5, localSize: 5 } }),
  'short-stored': named('short', /more or less/, { content: 'a longer text', lies: { size: 5, localSize: 5 } }),
  'long-usize': named('long', /more or less/, { content: 'short', method: 8, lies: { size: 50, localSize: 50 } }),
  'bomb-ratio-honest': named('bomb', /200 times/, { content: bomb, method: 8 }),
  'bomb-many': entries(
    () => [good, ...[1, 2, 3].map((number) => ({ name: `bomb-${number}`, content: bomb.subarray(0, 50_000_000), method: 8 }))],
    'bomb-2',
    /200 times/,
  ),
  'overlap-full': entries(
    () => [
      { name: 'a', content: 'x'.repeat(1000) },
      { name: 'b', lies: { dataOf: 0 } },
      { name: 'c', lies: { dataOf: 0 } },
    ],
    'b',
    /differs from the table|shares its data/,
  ),
  'overlap-same-name': entries(
    () => [
      { name: 'd/a', content: 'x'.repeat(1000) },
      { name: 'd/a', lies: { dataOf: 0 } },
    ],
    'd/a',
    /twice|shares its data/,
  ),
  'quoted-overlap': { bytes: quotedOverlap, entry: 'a', reason: /out of|shares|damaged|compressed data|more or less/ },
  'zbsm.zip': { bytes: () => kernelBomb(300), entry: '4', reason: /shares its data|200 times/ },
  'usize-too-big': named('huge', /200 times/, { method: 8, lies: { size: 0xfffffff0, localSize: 0xfffffff0 } }),
  'bad-crc': named('a.txt', /checksum is wrong/, { lies: { crc: 1 } }),
  'bad-crc-deflated': named('a.txt', /checksum is wrong/, { method: 8, content: 'a'.repeat(999), lies: { crc: 1 } }),
  'bad-deflate': named('a.txt', /compressed data is damaged/, { method: 8, lies: { packed: Buffer.from([0xff, 0xff, 0xff, 0xff]) } }),
  'torn-deflate': named('a.txt', /compressed data is damaged|more or less/, {
    method: 8,
    content: 'abc'.repeat(5000),
    lies: { packed: deflateRawSync(Buffer.from('abcdefgh'.repeat(5000))).subarray(0, 20) },
  }),
  'encrypted-flag': named('secret.txt', /encrypted/, { lies: { flags: 0x0801 } }),
  'method-99': named('aes.txt', /encrypted|number 99/, { method: 99 }),
  'method-1': named('shrunk.txt', /number 1\)/, { method: 1 }),
  'method-12': named('bzip2.txt', /number 12\)/, { method: 12 }),
  cd_extra_entry: named('nowhere.txt', /data is not there|shares|differs/, { lies: { listedOnly: true } }),
  data_descriptor_bad_crc: named('a.txt', /differs from the table/, { descriptor: true, lies: { descriptorCrc: 7 } }),
  data_descriptor_bad_csize: named('a.txt', /differs from the table/, { descriptor: true, lies: { descriptorPacked: 7 } }),
  data_descriptor_bad_usize: named('a.txt', /differs from the table/, { descriptor: true, lies: { descriptorSize: 7 } }),
  second_unicode_extra: {
    bytes: () => {
      const extra = Buffer.concat([unicodePath('ok.txt', 'ok.txt'), unicodePath('ok.txt', 'other.txt')]);
      return writeZip([good, { name: Buffer.from('ok.txt'), content: 'bad', extra, localExtra: extra }]);
    },
    entry: 'other.txt',
    reason: /second name/,
  },
  unicode_extra_chain: {
    bytes: () => {
      const extra = Buffer.concat([unicodePath('ok.txt', 'one.txt'), unicodePath('one.txt', 'two.txt')]);
      return writeZip([good, { name: Buffer.from('ok.txt'), content: 'bad', extra, localExtra: extra }]);
    },
    entry: '.txt',
    reason: /second name/,
  },
  'local-unicode-extra': {
    bytes: () => writeZip([good, { name: Buffer.from('ok.txt'), content: 'bad', localExtra: unicodePath('ok.txt', 'other.txt') }]),
    entry: 'ok.txt',
    reason: /second name/,
  },
};

const WHOLES: Record<string, BadArchive> = {
  'prefix-junk': whole(() => Buffer.concat([Buffer.from('#!/bin/sh\n'), writeZip([good])]), /does not belong to it/),
  'prefix-junk-known': whole(() => writeZip([good], { before: Buffer.from('#!/bin/sh\n') }), /does not belong to it/),
  'suffix-junk': whole(() => writeZip([good], { after: Buffer.from('junk') }), /does not belong to it/),
  'multi-disk': whole(() => writeZip([good], { disk: 1 }), /split into several/),
  'count-lie-more': whole(() => writeZip([good], { count: 2 }), /says that it holds 2 entries, but its table of contents has 1/),
  'count-lie-less': whole(
    () => writeZip([good, { name: 'b' }], { count: 1 }),
    /says that it holds 1 entry, but its table of contents has 2/,
  ),
  'entries-70000': whole(
    () => writeZip(Array.from({ length: 70_000 }, (_, index) => ({ name: `f${index}` }))),
    /says that it holds 4464 entries, but its table of contents has 70000/,
  ),
  truncated: whole(() => writeZip([good]).subarray(0, -30), /ends too early/),
  'truncated-record': whole(() => writeZip([good]).subarray(0, -3), /ends too early|does not belong/),
  'not-a-zip': whole(() => Buffer.from('This is a text, and a long one at that. '.repeat(50)), /no zip archive/),
  'empty-file': whole(() => Buffer.alloc(0), /empty/),
  cd_missing_entry: whole(() => writeZip([good, { name: 'hidden.txt', content: 'bad', lies: { unlisted: true } }]), /does not name/),
  'cd_missing_entry-between': whole(
    () => writeZip([good, { name: 'hidden.txt', content: 'bad', lies: { unlisted: true } }, { name: 'b.txt' }]),
    /does not name/,
  ),
  zip64_eocd_confusion: whole(
    () => writeZip([good, { name: 'b.txt' }], { large: { count: 1, directorySize: 54, smallSaysMore: true } }),
    /two ways|does not belong/,
  ),
  'zip64-elsewhere': whole(() => writeZip([good], { large: { directoryOffset: 3 } }), /does not belong/),
  zipinzip: whole(() => writeZip([good], { comment: writeZip([{ name: 'inner.txt', content: 'bad' }]) }), /two ways/),
  'extra-field-torn': {
    bytes: () => writeZip([good, { name: 'a.txt', content: 'x', extra: Buffer.from([0x99, 0x99, 0xff, 0x00, 1, 2]) }]),
    entry: 'a.txt',
    reason: /two ways/,
  },
};

/** Every archive that must be refused, by name. */
export const BAD_ARCHIVES: Record<string, BadArchive> = { ...NAMES, ...KINDS, ...DATA, ...WHOLES };

/** Two entries, of which the first holds the header of the second as stored data of its deflate stream. */
function quotedOverlap(): Buffer {
  const inner = writeZip([{ name: 'b', content: 'x'.repeat(200), method: 8 }]);
  const local = inner.subarray(0, 31);
  const kernel = inner.subarray(31, inner.readUInt32LE(inner.length - 6));
  // A stored block of deflate that quotes the header, after which the other's data goes on.
  const quote = Buffer.concat([Buffer.from([0]), sizes(local.length), local]);
  const content = Buffer.concat([local, Buffer.from('x'.repeat(200))]);
  const outer = writeZip([{ name: 'a', content, method: 8, lies: { packed: Buffer.concat([quote, kernel]) } }]);
  const headers = outer.readUInt32LE(outer.length - 6);
  const first = outer.subarray(headers, outer.length - 22);
  const second = Buffer.from(inner.subarray(inner.readUInt32LE(inner.length - 6), inner.length - 22));
  second.writeUInt32LE(31 + quote.length - local.length, 42);
  const end = Buffer.from(outer.subarray(outer.length - 22));
  end.writeUInt16LE(2, 8);
  end.writeUInt16LE(2, 10);
  end.writeUInt32LE(first.length + second.length, 12);
  return Buffer.concat([outer.subarray(0, headers), first, second, end]);
}

/** Many entries that all quote the headers of those after them and share one kernel: a small file with a vast sum. */
function kernelBomb(count: number): Buffer {
  const kernel = deflateRawSync(Buffer.alloc(21_000_000, 0x61), { level: 9 });
  const locals: Buffer[] = [];
  const names = Array.from({ length: count }, (_, index) => index.toString(36));
  const one = writeZip([{ name: names[0], content: Buffer.alloc(21_000_000, 0x61), method: 8, lies: { packed: kernel } }]);
  const template = one.subarray(0, 30);
  for (const name of names) locals.push(Buffer.concat([template, Buffer.from(name)]));
  for (const local of locals) local.writeUInt16LE(local.length - 30, 26);
  const body: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, local] of locals.entries()) {
    if (index > 0) {
      const quote = Buffer.concat([Buffer.from([0]), sizes(local.length)]);
      body.push(quote);
      offset += quote.length;
    }
    offsets.push(offset);
    body.push(local);
    offset += local.length;
  }
  const packedEnd = offset + kernel.length;
  const headers = names.map((name, index) => {
    const central = Buffer.from(one.subarray(one.readUInt32LE(one.length - 6), one.readUInt32LE(one.length - 6) + 46));
    const dataOffset = offsets[index] + locals[index].length;
    const quoted = locals.slice(index + 1).reduce((sum, local) => sum + local.length, 0);
    central.writeUInt32LE(packedEnd - dataOffset, 20);
    central.writeUInt32LE(21_000_000 + quoted, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offsets[index], 42);
    locals[index].writeUInt32LE(packedEnd - dataOffset, 18);
    locals[index].writeUInt32LE(21_000_000 + quoted, 22);
    return Buffer.concat([central, Buffer.from(name)]);
  });
  const end = Buffer.from(one.subarray(one.length - 22));
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(Buffer.concat(headers).length, 12);
  end.writeUInt32LE(packedEnd, 16);
  return Buffer.concat([...body, kernel, ...headers, end]);
}

/** Length of a stored block, and its complement. */
function sizes(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(length ^ 0xffff, 2);
  return bytes;
}

/** A field of a kind that nobody knows: harmless, and common. */
export const unknownField = extraField(0x4242, Buffer.from('something'));
