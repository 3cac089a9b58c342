import * as fc from 'fast-check';
import { stringify } from 'yaml';
import type { Manifest } from './manifest';
import { checkParameters } from './parameters';
import { compileYaml } from './pipeline-yaml';

const FIELDS = `
command: run
parameters:
  - { name: image, type: file }
  - { name: tables, type: files, required: false }
  - { name: split, type: boolean }
  - { name: distance, type: number, default: 6 }
  - { name: mode, type: choice, default: fast, options: [fast, exact, '1'] }
  - { name: label, type: string, required: false }
`;
const withWhen = (source: string) => `${FIELDS}  - { name: x, type: string, when: ${JSON.stringify(source)} }\n`;

function faultsOf(yaml: string): string[] {
  const compiled = compileYaml('y', yaml);
  return Array.isArray(compiled) ? compiled : [];
}

describe('conditions of a manifest', () => {
  it.each([
    'split',
    'not split and distance > 3',
    'empty(image) or count(tables) >= 2',
    `mode in ['fast', '1'] and mode != 'exact'`,
    `mode == ''`,
    `matches(label, '[a-z]+') and label != 'a''b'`,
    'distance * 2 - 1 <= count(tables) / 2',
    'split == true',
    'true',
  ])('may be %s', (source) => expect(faultsOf(withWhen(source))).toEqual([]));

  it.each([
    ['spilt', 'At character 1: There is no parameter named spilt. Did you mean split?'],
    ['__proto__', 'At character 1: There is no parameter named __proto__.'],
    ['constructor and split', 'At character 1: There is no parameter named constructor.'],
    ['distance', 'At character 1: This must be true or false, and is a number.'],
    ['split and mode', 'At character 11: This must be true or false, and is a text.'],
    ['image', 'At character 1: image is a file, which has no value here. Write empty(image) or count(image).'],
    ['split and image > 3', 'At character 11: image is a file, which cannot be compared. Write empty(image) or count(image).'],
    ['3 == tables', 'At character 6: tables is a list of files, which cannot be compared. Write empty(tables) or count(tables).'],
    ['mode == 1', `At character 9: mode is a text, so the number goes into quotes: '1'.`],
    ['mode in [1]', `At character 10: mode is a text, so the number goes into quotes: '1'.`],
    [`distance == 'far'`, 'At character 10: a number cannot be compared with a text.'],
    [`label < 'a'`, 'At character 1: < needs numbers, and this is a text.'],
    ['split + 1 > 2', 'At character 1: + needs numbers, and this is true or false.'],
    ['-label == 1', 'At character 2: - needs numbers, and this is a text.'],
    [`mode == 'fats'`, `At character 9: mode is never 'fats'. Did you mean 'fast'?`],
    [`'slow' != mode`, `At character 1: mode is never 'slow'. Its values are fast, exact, 1.`],
    ['count(distance) > 1', 'At character 7: distance is a number, and only files, lists and tables are counted.'],
    ['empty(1)', 'At character 7: empty takes the name of a parameter.'],
    [`matches(distance, 'a')`, 'At character 9: matches looks at a text, and this is a number.'],
    ['matches(label, label)', 'At character 16: The second thing in matches is a pattern in single quotes.'],
    [`matches(label, '(')`, 'At character 16: This is not a regular expression: Unterminated group'],
    [
      `matches(label, '(a)\\1')`,
      'At character 16: \\1 cannot be used in a pattern here: no references to groups, no looking ahead or behind, no word boundaries.',
    ],
    [`matches(label, 'a{900}')`, 'At character 16: This pattern is too large. Use fewer or smaller repetitions.'],
    ['split &&', 'At character 7: Write and instead of &&.'],
    ['', 'At character 1: Something is missing at the end.'],
    ['split (', 'At character 1: There is no function split. The functions are empty, count, has and matches.'],
    ['split )', 'At character 7: ) cannot stand here.'],
    ['(split', 'At character 1: The ) that belongs to this ( is missing.'],
    ['empty(split', 'At character 6: The ) that belongs to this ( is missing.'],
    ['matches(label)', 'At character 1: matches takes two things in parentheses.'],
    ['empty(a, b)', 'At character 1: empty takes one thing in parentheses.'],
    ['x', 'At character 1: This must be true or false, and is a text.'],
  ])('may not be %s', (source, fault) => {
    expect(faultsOf(withWhen(source))[0]).toBe(`Line 10, parameters 7, when: ${fault}`);
    const rule = `${FIELDS}rules:\n  - check: ${JSON.stringify(source)}\n    message: No.\n    at: mode\n`;
    if (source !== 'x') expect(faultsOf(rule)).toEqual([`Line 11, rules 1, check: ${fault}`]);
  });

  it('may not wait for themselves', () => {
    const chain = (...parameters: [string, string][]) =>
      faultsOf(
        `command: run\nparameters:\n${parameters.map(([name, when]) => `  - { name: ${name}, type: boolean, when: ${when} }\n`).join('')}`,
      );
    expect(chain(['a', 'a'])).toEqual(['Line 3, parameters 1, when: This condition waits for itself: a → a.']);
    expect(chain(['z', 'b'], ['a', 'c'], ['b', 'a'], ['c', 'not b'])).toEqual([
      'Line 5, parameters 3, when: This condition waits for itself: b → a → c → b.',
    ]);
    const long = Array.from({ length: 22 }, (_, index): [string, string] => [`p${index}`, index === 0 ? 'true' : `p${index - 1}`]);
    expect(chain(...long.slice(0, 21))).toEqual([]);
    expect(chain(...long)).toEqual(['Line 24, parameters 22, when: More than 20 conditions hang on one another here.']);
    expect(chain(...long.reverse())[0]).toContain('More than 20 conditions hang on one another here.');
  });

  it('say where a parameter is required in one way', () => {
    expect(
      faultsOf(`
command: run
parameters:
  - { name: a, type: boolean, requiredWhen: true }
  - { name: b, type: string, required: true, requiredWhen: a }
  - { name: c, type: string, requiredWhen: a, required: false }
  - { name: d, type: string, requiredWhen: quite }`),
    ).toEqual([
      'Line 4, parameters 1, requiredWhen: A box to tick is never empty. To ask for it to be ticked, write a rule.',
      'Line 5, parameters 2, requiredWhen: It is required already. Leave out one of "required" and "requiredWhen".',
      'Line 7, parameters 4, requiredWhen: At character 1: There is no parameter named quite.',
    ]);
  });

  it('name parameters and levels that there are', () => {
    const rules = `${FIELDS}rules:\n  - { check: split, message: No., at: modes }\n  - { check: split, message: No., at: mode, level: warn }\n`;
    expect(faultsOf(rules)).toEqual(['Line 12, rules 2, level: "warn" is not one of its values: error, warning.']);
    expect(faultsOf(rules.replace('warn }', 'warning }'))).toEqual([
      'Line 11, rules 1, at: There is no parameter named modes. Did you mean mode?',
    ]);
    expect(faultsOf(`${FIELDS}rules:\n  - { chek: split, message: No., at: mode }\n`).join('\n')).toContain(
      'rules 1, chek: There is no such field.',
    );
  });

  it('leave parameters that have none as they were', () => {
    const manifest = compileYaml('y', FIELDS) as Manifest;
    expect(manifest).not.toHaveProperty('rules');
    expect(Object.keys(manifest.parameters[0])).not.toContain('when');
    const [parameter] = (compileYaml('y', 'command: run\nparameters: [{ name: a, type: string, requiredWhen: empty(a) }]') as Manifest)
      .parameters;
    expect(parameter).toMatchObject({ required: false, requiredWhen: 'empty(a)' });
  });
});

describe('manifests of chance', () => {
  const names = ['a', 'b', 'c', 'constructor', '__proto__', 'empty'];
  const expression = fc.oneof(
    fc.constantFrom(
      'a',
      'not b',
      'a > 1',
      `b == 'x'`,
      'empty(c)',
      'count(c) > 1',
      `matches(b, 'x*')`,
      'a and b or c',
      'true',
      '1',
      'a ==',
      '((',
    ),
    fc.string({ maxLength: 20 }),
    fc.constantFrom(true, false, 0, 1.5, null, {}, []),
  );
  const some = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
  const parameter = fc.record(
    {
      name: fc.constantFrom<unknown>(...names),
      type: fc.constantFrom<unknown>('string', 'text', 'integer', 'number', 'boolean', 'choice', 'file', 'files', 'output', 'odd'),
      when: some(expression),
      requiredWhen: some(expression),
      required: some(fc.boolean()),
      options: some(fc.constant(['x', 'y'])),
    },
    { requiredKeys: ['name', 'type'] },
  );
  const rule = fc.record(
    {
      check: expression,
      message: fc.constantFrom<unknown>('No.', '', 1),
      at: fc.constantFrom(...names),
      level: some(fc.constantFrom('error', 'warning', 'x')),
    },
    { requiredKeys: ['check', 'at'] },
  );
  const manifest = fc.record(
    { command: fc.constant('run'), parameters: fc.array(parameter, { maxLength: 5 }), rules: fc.array(rule, { maxLength: 3 }) },
    { requiredKeys: ['command', 'parameters'] },
  );
  /** Only what is there: `undefined` is nothing that YAML could say. */
  const plain = (content: unknown) => JSON.parse(JSON.stringify(content)) as unknown;

  it('are read, or refused with line, field and sentence; what is read takes any entries', async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(manifest, fc.dictionary(fc.constantFrom(...names), fc.anything()), async (content, entries) => {
        const compiled = compileYaml('y', stringify(plain(content)));
        if (Array.isArray(compiled)) {
          expect(compiled.length).toBeGreaterThan(0);
          for (const fault of compiled) expect(fault).toMatch(/^Line \d+, \w[\w ,]*: .{10,}/s);
          return;
        }
        read += 1;
        const check = await checkParameters(compiled, entries, () => Promise.resolve({ name: 'a.tif' }));
        for (const name of Object.keys(check.values)) expect(check.applies.has(name)).toBe(true);
        for (const name of check.required) expect(check.applies.has(name)).toBe(true);
      }),
      { numRuns: 700 },
    );
    expect(read).toBeGreaterThan(10);
  });
});
