import * as fc from 'fast-check';
import { evaluate, type Held, type Scope } from '../../browser/conditions/evaluate';
import { DEEPEST_EXPRESSION, LONGEST_EXPRESSION, namesIn, type Expression } from '../../browser/conditions/expression';
import { parseExpression } from '../../browser/conditions/parse';

const held = (value: Held['value'], over: Partial<Held> = {}): Held => ({
  value,
  items: [],
  count: 0,
  isEmpty: value === null || value === '',
  ...over,
});
const fields: Record<string, Held> = {
  split: held(true),
  edge: held(false),
  three: held(3),
  nothing: held(null),
  mode: held('fast'),
  blank: held(''),
  image: held(null, { count: 1, isEmpty: false }),
  tables: held(null, { count: 4, isEmpty: false }),
};
const scope: Scope = (name) => (Object.hasOwn(fields, name) ? fields[name] : held(null));

function read(source: string): Expression {
  const parsed = parseExpression(source);
  if ('fault' in parsed) throw new Error(`${source}: ${JSON.stringify(parsed.fault)}`);
  return parsed.expression;
}
const valueOf = (source: string) => evaluate(read(source), scope);
function faultOf(source: string) {
  const parsed = parseExpression(source);
  return 'fault' in parsed ? parsed.fault : undefined;
}

describe('an expression', () => {
  it.each<[string, unknown]>([
    ['split', true],
    ['not split', false],
    ['not edge and split', true],
    ['edge or split and edge', false],
    ['(edge or split) and split', true],
    ['not split == edge', true],
    ['true', true],
    ['three == 3', true],
    ['three != 3.0', false],
    ['three < 3', false],
    ['three<=3', true],
    ['three > -1', true],
    ['three >= 1e1', false],
    ['1 + 2 * three == 7', true],
    ['(1 + 2) * three == 9', true],
    ['10 - 4 - three == 3', true],
    ['-three + 3 == 0', true],
    ['- -three == 3', true],
    ['12 / three / 2 == 2', true],
    [`mode == 'fast'`, true],
    [`mode != ''`, true],
    [`blank == ''`, true],
    [`'it''s' == 'it''s'`, true],
    [`mode in ['slow', 'fast']`, true],
    ['three in [1, -2]', false],
    ['three not in [1, 2]', true],
    ['not three in [3]', false],
    ['split in [true]', true],
    ['empty(blank)', true],
    ['empty(nothing)', true],
    ['empty(three)', false],
    ['empty(image)', false],
    ['count(tables) > 3', true],
    ['count(image) == 1', true],
    [`matches(mode, 'f.*')`, true],
    [`matches(mode, 'f')`, false],
  ])('%s is %p', (source, value) => expect(valueOf(source)).toBe(value));

  it.each<[string, unknown]>([
    // What is not known stays so, and is neither true nor false.
    ['nothing == 1', null],
    ['nothing != 1', null],
    ['not nothing > 1', null],
    ['nothing in [1]', null],
    ['nothing + 1 > 0', null],
    ['nothing > 1 or split', true],
    ['nothing > 1 and edge', false],
    ['nothing > 1 and split', null],
    ['nothing > 1 or edge', null],
    ['empty(nothing) or nothing > 1', true],
    ['not empty(nothing) and nothing > 1', false],
    ['three / 0 > 1', null],
    ['1e308 * 10 > 1', null],
    // Names are looked up among the fields alone.
    ['__proto__', null],
    ['constructor == 1', null],
    ['empty(toString)', true],
    ['count(hasOwnProperty)', 0],
    // Types that do not fit are refused in manifests; here they are not known.
    ['three and split', null],
    [`three < 'a'`, null],
    [`mode == 1`, null],
    [`'a' < 'b'`, null],
    ['not three', null],
    ['matches(three, three)', null],
    ['empty(1)', null],
  ])('%s is %p', (source, value) => expect(valueOf(source)).toBe(value));

  it.each<[string, string, number, string]>([
    ['', 'endsEarly', 1, ''],
    ['split and', 'endsEarly', 10, ''],
    ['(split', 'notClosed', 1, '('],
    ['split)', 'unexpected', 6, ')'],
    ['split edge', 'unexpected', 7, 'edge'],
    ['split not edge', 'unexpected', 7, 'not'],
    ['three = 3', 'writeInstead', 7, '='],
    ['three === 3', 'writeInstead', 7, '==='],
    ['split && edge', 'writeInstead', 7, '&&'],
    ['split || edge', 'writeInstead', 7, '||'],
    ['!split', 'writeInstead', 1, '!'],
    ['three ≤ 3', 'writeInstead', 7, '≤'],
    ['mode == "fast"', 'doubleQuotes', 9, '"'],
    [`mode == 'fast`, 'openText', 9, `'`],
    ['three > 3px', 'badNumber', 9, '3p'],
    ['three > 1e999', 'badNumber', 9, '1e999'],
    ['three % 2 == 1', 'badSign', 7, '%'],
    ['a.b', 'badSign', 2, '.'],
    ['a[0]', 'unexpected', 2, '['],
    ['1 < three < 5', 'chained', 11, '<'],
    ['three in 3', 'notListed', 10, '3'],
    ['three in [three]', 'notListed', 11, 'three'],
    ['three in []', 'unexpected', 11, ']'],
    ['three in [1', 'notClosed', 10, '['],
    ['alert(1)', 'unknownFunction', 1, 'alert'],
    ['constructor(1)', 'unknownFunction', 1, 'constructor'],
    ['empty()', 'argumentCount', 1, 'empty'],
    [`matches(mode)`, 'argumentCount', 1, 'matches'],
    ['and', 'unexpected', 1, 'and'],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 'tooDeep', 52, ''],
    [`${'not '.repeat(60)}split`, 'tooDeep', 205, ''],
    [`${'1 + '.repeat(100)}1 > 2`, 'tooDeep', 403, ''],
    [`split or ${'x'.repeat(LONGEST_EXPRESSION)}`, 'tooLong', LONGEST_EXPRESSION + 1, ''],
  ])('%s is refused (%s)', (source, kind, at, found) => expect(faultOf(source)).toMatchObject({ kind, at, found }));

  it('tells what it mentions', () => {
    expect(namesIn(read(`not a and (b > c or empty(a)) and d in [1] and matches(e, 'x') or -f < 0`))).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
    ]);
  });

  const pieces = [
    ' ',
    '(',
    ')',
    '[',
    ']',
    ',',
    "'",
    '"',
    '==',
    '<',
    '>',
    '=',
    '!',
    '&&',
    '+',
    '-',
    '*',
    '/',
    '.',
    '1',
    '2.5',
    '1e9',
    `'a'`,
    `'['`,
    'and',
    'or',
    'not',
    'in',
    'true',
    'a',
    'b',
    '__proto__',
    'constructor',
    'empty',
    'count',
    'matches',
    'é',
    '\0',
    '🧬',
    '\n',
  ];
  const piece = fc.constantFrom(...pieces);
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
  );

  it('never breaks reading or evaluation, whatever it is', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom<Held['value']>(null, 0, 1, '', 'a', true, false), (source, value) => {
        const parsed = parseExpression(source);
        if ('fault' in parsed) {
          const { at, found } = parsed.fault;
          expect(at).toBeGreaterThanOrEqual(1);
          expect(at).toBeLessThanOrEqual(source.length + 1);
          if (found !== '') expect(source.slice(at - 1).startsWith(found)).toBe(true);
          return;
        }
        const result = evaluate(parsed.expression, () => held(value));
        expect(result === null || ['number', 'string', 'boolean'].includes(typeof result)).toBe(true);
        expect(typeof result === 'number' && !Number.isFinite(result)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  const leaf = fc.constantFrom('a', 'b', '1', '2.5', '-3', `'x'`, 'true', 'empty(a)', 'count(b)', `matches(a, 'x+')`, `a in [1, 'x']`);
  const built = fc.letrec<{ any: string }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc
        .tuple(tie('any'), fc.constantFrom('and', 'or', '==', '!=', '<', '>=', '+', '-', '*', '/'), tie('any'))
        .map(([l, o, r]) => `(${l}) ${o} (${r})`),
      tie('any').map((inner) => `not (${inner})`),
      tie('any').map((inner) => `-(${inner})`),
    ),
  })).any;

  it('is never read as something else when it is put into parentheses', () => {
    fc.assert(
      fc.property(built, fc.constantFrom<Held['value']>(null, 0, 2.5, 'x', true), (source, value) => {
        fc.pre(source.length < LONGEST_EXPRESSION - 2);
        const [one, other] = [parseExpression(source), parseExpression(`(${source})`)];
        if ('fault' in one || 'fault' in other) {
          for (const parsed of [one, other]) if ('fault' in parsed) expect(parsed.fault.kind).toBe('tooDeep');
          return;
        }
        expect(evaluate(other.expression, () => held(value))).toBe(evaluate(one.expression, () => held(value)));
      }),
      { numRuns: 1000 },
    );
  });

  it('may be as deep as it is allowed to be', () => {
    const most = `${'not '.repeat(DEEPEST_EXPRESSION - 2)}split`;
    expect(valueOf(most)).toBe(DEEPEST_EXPRESSION % 2 === 0);
  });
});
