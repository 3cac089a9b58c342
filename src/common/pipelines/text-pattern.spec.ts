import * as fc from 'fast-check';
import { LONGEST_MATCHED, matchesText, textPatternFault } from '../../browser/conditions/text-pattern';

const native = (source: string, text: string) => new RegExp(`^(?:${source})$`, 'u').test(text);

describe('a pattern for texts', () => {
  it.each([
    ['', ''],
    ['abc', 'abc'],
    ['a|bc|', 'bc'],
    ['(?:ab)+c?', 'ababc'],
    ['(?<name>x)(y)*', 'xyy'],
    ['a{2}', 'aaa'],
    ['a{2,}', 'aaaa'],
    ['a{1,3}?', 'aa'],
    ['a{0}b', 'b'],
    ['[^,;]*', 'no comma'],
    ['[a-z\\d_]+', 'ab_9'],
    ['[\\]\\\\]+', ']\\'],
    ['\\w+\\.tiff?', 'DAPI.tif'],
    ['\\u0041\\x42\\u{43}', 'ABC'],
    ['\\uD83E\\uDDEC', '🧬'],
    ['.', '🧬'],
    ['.', '\n'],
    ['\\p{Lu}\\p{L}*', 'Ünï'],
    ['^a$', 'a'],
    ['(^a|b$)', 'b'],
    ['a^', 'a'],
    ['(a*)*', 'aaa'],
    ['(a|)*b', 'aab'],
    ['\\d+(,\\d+)*', '1,5,10'],
  ])('%s takes %j as JavaScript would', (source, text) => {
    expect(textPatternFault(source)).toBeUndefined();
    for (const one of [text, `${text}!`, '', text.slice(1)]) expect(matchesText(source, one)).toBe(native(source, one));
  });

  const signs = '( ) (?: | * + ? {2} {0,3} {1,} ^ $'.split(' ');
  const part = fc.constantFrom(...signs, 'a', 'b', '1', '.', '\\d', '\\w', '[ab]', '[^a]', '\\.', '🧬', '\\p{L}');

  it('agrees with JavaScript wherever JavaScript takes it', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 9 }).map((all) => all.join('')),
        fc.array(fc.constantFrom('a', 'b', '1', '.', '\n', '🧬'), { maxLength: 8 }).map((all) => all.join('')),
        (source, text) => {
          const fault = textPatternFault(source);
          if (fault) return expect(() => new RegExp(source, 'u')).toThrow();
          compared += 1;
          expect(matchesText(source, text)).toBe(native(source, text));
        },
      ),
      { numRuns: 5000 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it('never breaks, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }), (source, text) => {
        expect(typeof matchesText(source, text)).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['(', 'notRegular'],
    ['[z-a]', 'notRegular'],
    ['\\y', 'notRegular'],
    ['(a)\\1', 'notSupported'],
    ['(?<x>a)\\k<x>', 'notSupported'],
    ['(?=a)a', 'notSupported'],
    ['(?!a)b', 'notSupported'],
    ['(?<=a)b', 'notSupported'],
    ['(?<!a)b', 'notSupported'],
    ['\\ba\\B', 'notSupported'],
    ['(?i:a)', 'notSupported'],
    ['a{501}', 'tooLarge'],
    ['(a{30}){30}', 'tooLarge'],
    ['((){500}){500}', 'tooLarge'],
    ['((((){400}){400}){400}){400}', 'tooLarge'],
  ])('%s is refused (%s)', (source, kind) => {
    expect(textPatternFault(source)).toMatchObject({ kind });
    expect(matchesText(source, 'a')).toBe(false);
  });

  it.each(['(a+)+b', '(a|a)*b', '(a*)*b', 'a*a*a*a*a*a*a*a*b', '(.*)(.*)(.*)(.*)(.*)b', '(?:a?){200}b'])(
    '%s ends soon on a text that it does not match',
    (source) => {
      const begin = performance.now();
      expect(matchesText(source, 'a'.repeat(LONGEST_MATCHED))).toBe(false);
      expect(performance.now() - begin).toBeLessThan(5000);
    },
  );

  it('takes no text that is longer than it looks at', () => {
    expect(matchesText('a*', 'a'.repeat(LONGEST_MATCHED))).toBe(true);
    expect(matchesText('a*', 'a'.repeat(LONGEST_MATCHED + 1))).toBe(false);
  });
});
