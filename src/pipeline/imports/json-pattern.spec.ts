import { matchesWhole } from '../../common/pipelines/pattern';
import { endingsOf, readable, wholePattern } from './json-pattern';

const SOURCES = [
  '^a$',
  'a',
  '^a',
  'a$',
  '^a|b$',
  '^(a|b)$',
  '^a\\$',
  '^\\\\$',
  '',
  '^$',
  '[|$]$',
  '^[^|]$',
  '^a\\-b$',
  '[a\\-z]',
  '\\_',
  'a.b',
  '^(?:a|b)|c$',
];
const TEXTS = ['', 'a', 'b', 'c', 'ab', 'ba', 'xax', 'a$', '\\', '|', '$', 'a-b', '-', '_', 'a\nb', 'axb', '^a$', 'ac'];

describe('wholePattern', () => {
  it.each(SOURCES)('takes the same texts as %j finds something in', (source) => {
    const plain = readable(source);
    const whole = wholePattern(source);
    expect(whole).toBeDefined();
    for (const text of TEXTS) expect([text, matchesWhole(whole!, text)]).toEqual([text, new RegExp(plain!, 'u').test(text)]);
  });

  it.each(['(', 'a{2,1}', '(?<n>a)(?<n>b)', '[b-a]', '(?i)a', 'x'.repeat(3000)])(
    'gives nothing for what JavaScript cannot read: %s',
    (source) => {
      expect(wholePattern(source)).toBeUndefined();
    },
  );

  it('reads the spelling of Python', () => {
    expect(wholePattern('\\A(?P<n>a)(?P=n)\\Z')).toBe('(?<n>a)\\k<n>');
  });
});

describe('endingsOf', () => {
  it.each([
    ['^\\S+\\.csv$', ['.csv']],
    ['^\\S+\\.(csv|tsv|yaml)$', ['.csv', '.tsv', '.yaml']],
    ['^\\S+\\.fn?a(sta)?(\\.gz)?$', ['.fa', '.fa.gz', '.fasta', '.fasta.gz', '.fna', '.fna.gz', '.fnasta', '.fnasta.gz']],
    ['^[^\\s]+\\.f[aq](?:\\.gz)?$', ['.fa', '.fa.gz', '.fq', '.fq.gz']],
    ['.*\\.tiff?$', ['.tif', '.tiff']],
  ])('spells out %s', (source, endings) => expect(endingsOf(source)?.toSorted()).toEqual(endings));

  it.each([
    '^\\S+\\.csv',
    '\\.csv$',
    '^s3://.+\\.csv$',
    '^\\S+\\.\\w+$',
    '^\\S+\\.(a|b|c)*$',
    '^\\S+\\.a{2}$',
    '^\\S+\\.(a$',
    `^\\S+\\.${'(a|b)?'.repeat(20)}$`,
  ])('gives nothing for %s, which says something else or too much', (source) => expect(endingsOf(source)).toBeUndefined());
});
