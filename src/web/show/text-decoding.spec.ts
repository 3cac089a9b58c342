import { decodeText } from './text-decoding';

describe('decodeText', () => {
  const wide = (text: string) => Buffer.from(text, 'utf16le');

  it.each([
    ['utf-8', Buffer.from('Größe, µm\n')],
    ['utf-8', Buffer.from('\u{feff}Größe, µm\n')],
    ['utf-16le', wide('\u{feff}Größe, µm\n')],
    ['utf-16le', wide('Größe, µm\n')],
    ['utf-16be', Buffer.from(wide('\u{feff}Größe, µm\n')).swap16()],
    ['windows-1252', Buffer.from('Größe, µm\n', 'latin1')],
  ])('finds %s without being told, and drops the mark', (encoding, bytes) => {
    expect(decodeText(bytes, true)).toEqual({ text: 'Größe, µm\n', encoding });
  });

  it('is not misled by a character that the bound has cut', () => {
    const bytes = Buffer.from('abc µ').subarray(0, -1);
    expect(decodeText(bytes, false)).toEqual({ text: 'abc ', encoding: 'utf-8' });
    expect(decodeText(bytes, true)?.encoding).toBe('windows-1252');
  });

  it('takes a UTF-16 file of an odd number of bytes', () => {
    expect(decodeText(wide('\u{feff}ab').subarray(0, -1), false)?.text).toBe('a');
  });

  it.each([
    ['zeros among letters', Buffer.from('ab\0\0\0cd')],
    ['a picture', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 0x10, 0x11, 0x12])],
  ])('says that %s is no text', (_what, bytes) => expect(decodeText(bytes, true)).toBeNull());

  it('takes an empty file for empty text', () => expect(decodeText(Buffer.alloc(0), true)?.text).toBe(''));
});
