import { array, assert, property, uint8Array } from 'fast-check';
import { InvalidInputError } from '../errors';
import { formatEntryPath, isEntryName, newEntryName, numberedName, parseEntryPath, showEntryName } from './entry-name';

describe('addresses of files', () => {
  it.each([
    'a.tif',
    'runs/12/overlay.png',
    'Größe 5 µm.csv',
    '-rf',
    '$(id)',
    ';id',
    '{{constructor}}',
    '日本/🙂.png',
    'CON.txt',
    '<img src=x>',
  ])('are written as the names are: %s', (text) => expect(formatEntryPath(parseEntryPath(text))).toBe(text));

  it.each([
    '..',
    '.',
    '../x',
    'a/..',
    'a/./b',
    'a//b',
    '/etc/passwd',
    '//etc',
    'a/',
    '..\\',
    'a\\b',
    'a\0.png',
    'a\nb',
    '\u001b[31m',
    'x\u202egnp.exe',
    ' ',
    ' a',
    '\ud800',
    'x'.repeat(256),
    'ä'.repeat(128),
    'x/'.repeat(5000) + 'x',
    'd/'.repeat(64) + 'x',
    '~b64~',
    '~b64~YQ',
    '~b64~Li4',
    '~b64~YS9i',
    '~b64~YQAuYg',
    '~b64~YQ==',
    '~b64~*',
  ])('refuse %j', (text) => expect(() => parseEntryPath(text)).toThrow(InvalidInputError));

  it('write every row of bytes in exactly one way and read it back', () => {
    const name = uint8Array({ minLength: 1, maxLength: 150 })
      .map((bytes) => Buffer.from(bytes))
      .filter(isEntryName);
    assert(
      property(array(name, { minLength: 1, maxLength: 5 }), (path) => {
        const text = formatEntryPath(path);
        expect(text).not.toMatch(/[\p{Cc}\\]/u);
        expect(Buffer.from(text).toString()).toBe(text);
        expect(parseEntryPath(text).map((part) => part.toString('hex'))).toEqual(path.map((part) => part.toString('hex')));
      }),
      { numRuns: 500 },
    );
  });

  it('show what cannot be shown as unknown characters', () => {
    expect(showEntryName(Buffer.from('a\u202eb\n'))).toBe('a\u{fffd}b\u{fffd}');
    expect(showEntryName(Buffer.from([0x61, 0xff]))).toBe('a\u{fffd}');
  });
});

describe('names of new files', () => {
  it.each([
    ['', /needs a name/],
    ['\u200b\u2060', /needs a name/],
    ['..', /only dots/],
    ['a\0b', /invisible/],
    ['a\nb', /invisible/],
    ['a\u001bb', /invisible/],
    ['x\u202egnp.exe', /invisible/],
    ['a:b', /not every computer/],
    ['a\\b', /not every computer/],
    ['a/b', /not every computer/],
    ['who?', /not every computer/],
    [' a', /blank/],
    ['a ', /blank/],
    ['a.', /dot/],
    ['CON', /Windows/],
    ['con.txt', /Windows/],
    ['LPT1.tar.gz', /Windows/],
    ['\ud800', /no valid/],
    ['a\u{fffd}', /no valid/],
    ['~b64~YQ', /reserved/],
    ['ä'.repeat(128), /255 bytes/],
  ])('are refused with a sentence: %j', (name, sentence) => expect(() => newEntryName(name)).toThrow(sentence));

  it.each(['-rf', '$(id)', '.env', 'a b.tif', 'console.txt', "it's 5%.csv", 'x'.repeat(255), '{{constructor}}'])('may be %j', (name) =>
    expect(newEntryName(name).toString()).toBe(name),
  );

  it('are stored composed', () => {
    expect(newEntryName('Mu\u0308ller').toString()).toBe('M\u00fcller');
  });

  it('get a number that keeps the ending and the length', () => {
    expect(numberedName(Buffer.from('a.tif'), 2).toString()).toBe('a (2).tif');
    expect(numberedName(Buffer.from('.env'), 2).toString()).toBe('.env (2)');
    expect(numberedName(Buffer.from('no ending'), 3).toString()).toBe('no ending (3)');
    const long = numberedName(Buffer.from(`${'ä'.repeat(125)}.tif`), 12);
    expect(long.length).toBeLessThanOrEqual(255);
    expect(long.toString()).toMatch(/ä \(12\)\.tif$/);
  });
});
