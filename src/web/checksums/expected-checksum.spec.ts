import { readChecksum } from './expected-checksum';

const SHA = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('a pasted checksum', () => {
  it.each([
    ['alone', SHA],
    ['in capitals with blanks around', `  ${SHA.toUpperCase()}\n`],
    ['as sha256sum writes it', `${SHA}  scans/a.tif`],
    ['as sha256sum writes strange names', `\\${SHA}  a\\nb`],
    ['as BSD writes it', `SHA256 (a.tif) = ${SHA}`],
    ['as containers have it', `sha256:${SHA}`],
  ])('is found %s', (_how, text) => expect(readChecksum(text)).toBe(SHA));

  it.each([
    ['nothing', ''],
    ['an MD5', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a SHA-512', `${SHA}${SHA}`],
    ['one digit less', SHA.slice(1)],
    ['a letter that is no digit', `${SHA.slice(1)}g`],
  ])('is not found in %s', (_what, text) => expect(readChecksum(text)).toBeNull());
});
