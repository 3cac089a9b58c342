import * as fc from 'fast-check';
import { FormConditions } from '../../browser/conditions/form-conditions';
import type { Manifest } from '../../common/pipelines/manifest';
import { checkParameters } from '../../common/pipelines/parameters';
import { compileYaml } from '../../common/pipelines/pipeline-yaml';
import { conditionsView, type ConditionsView } from './conditions.view';

const PARTS = `
command: run
parameters:
  - { name: split, type: boolean, default: true }
  - { name: size, type: number, default: 6 }
  - { name: count, type: integer, required: false }
  - { name: mode, type: choice, default: fast, options: [fast, exact] }
  - { name: kind, type: choice, required: false, options: [a, b] }
  - { name: label, type: string, required: false }
  - { name: notes, type: text, required: false }
  - { name: image, type: file, required: false }
  - { name: tables, type: files, required: false }
  - { name: table, type: output, default: cells, extension: csv }
  - { name: stains, type: choices, options: [a, b], default: [a] }
  - { name: radii, type: list, default: [1, 5] }
  - { name: rows, type: table, columns: [{ name: cell, type: string }, { name: box, type: boolean, default: true }], required: false }
  - { name: fixed, type: constant, value: x }
`;
const CONDITIONS = [
  'split',
  'not split',
  'size > 3',
  'size * 2 >= count',
  'count in [1, 2]',
  `mode == 'exact'`,
  `kind != ''`,
  `matches(label, 'a+')`,
  `notes == 'a' or empty(notes)`,
  'empty(image)',
  'count(tables) > 1',
  `table == 'cells.csv'`,
  'split and (size <= 3 or not empty(count))',
  `has(stains, 'b') or count(stains) > 1`,
  `count(radii) > 1 and not has(radii, 'a')`,
  'empty(rows) or count(rows) == 2',
  `fixed == 'x'`,
];
const WITHOUT = `${PARTS}  - { name: last, type: string, required: false }\n`;

/** As it comes out of the page. */
function inBrowser(manifest: Manifest): { conditions: FormConditions; view: ConditionsView } {
  const view = JSON.parse(JSON.stringify(conditionsView(manifest, false))) as ConditionsView;
  return { view, conditions: new FormConditions(view.fields, view.rules, view.names) };
}

describe('what the browser is given', () => {
  const entry = fc.constantFrom(
    '',
    'true',
    'false',
    '0',
    '1',
    '2',
    '6.5',
    ' 3 ',
    'x',
    'a',
    'aa',
    'fast',
    'exact',
    'cells',
    'cells.csv',
    'a\r\nb',
  );
  const names = ['split', 'size', 'count', 'mode', 'kind', 'label', 'notes', 'image', 'table', 'x', 'y'];
  const entries = fc.record({
    ...Object.fromEntries(names.map((name) => [name, entry])),
    tables: fc.array(fc.constantFrom('project:a', 'project:b'), { maxLength: 2 }),
    stains: fc.array(fc.constantFrom('', 'a', 'b'), { maxLength: 3 }),
    radii: fc.constantFrom('', ' ,', '1', '1, 5', 'a\r\nb', ',,a'),
    rows: fc.array(fc.record({ cell: fc.constantFrom('', ' ', 'x'), box: fc.constantFrom('true', 'false') }), { maxLength: 3 }),
  });
  const condition = fc.constantFrom(...CONDITIONS);

  it('decides about every field as the server does', async () => {
    await fc.assert(
      fc.asyncProperty(condition, condition, condition, condition, entries, async (when, further, required, check, given) => {
        const manifest = compileYaml(
          'y',
          `${PARTS}  - { name: x, type: string, required: false, when: ${JSON.stringify(when)} }
  - { name: y, type: string, when: ${JSON.stringify(`empty(x) and ${further}`)}, requiredWhen: ${JSON.stringify(required)} }
rules:
  - { check: ${JSON.stringify(check)}, message: First., at: x }
  - { check: ${JSON.stringify(`(${check}) and ${further}`)}, message: Second., at: y, level: warning }`,
        ) as Manifest;
        const server = await checkParameters(manifest, given, (reference) => Promise.resolve({ name: reference }));
        const { view, conditions } = inBrowser(manifest);
        const state = conditions.stateOf(given);
        for (const { name } of view.fields) {
          expect([name, state.applies.has(name)]).toEqual([name, server.applies.has(name)]);
          expect([name, state.required.has(name)]).toEqual([name, server.required.has(name)]);
        }
        const said = [server.broken.error['x'], server.broken.warning['y']].filter((sentence) => sentence !== undefined);
        expect(state.broken.map(({ message }) => message)).toEqual(said);
      }),
      { numRuns: 500 },
    );
  });

  it('says of names what the server says', async () => {
    const rules = `nameRules:
  - { names: [stains, label], files: tables, glob: '*{name}.*', unless: '*.QPTIFF' }
  - { names: [radii], among: label }
`;
    const manifest = compileYaml(
      'y',
      `${PARTS.replace('name: label, type: string', 'name: label, type: string, when: size > 3')}${rules}`,
    ) as Manifest;
    const reference = fc.constantFrom(
      'project:a.tif',
      'project:runs/7/ba.tif',
      'inbox:b.tif',
      'own:x/c.qptiff',
      `project:~b64~${Buffer.from('b\n.x').toString('base64url')}`,
    );
    const given = fc.record({
      size: fc.constantFrom('2', '6'),
      tables: fc.uniqueArray(reference),
      stains: fc.subarray(['a', 'b']),
      label: fc.constantFrom('', 'a', '1'),
      radii: fc.constantFrom('', '1', '1, 5', 'a'),
    });
    await fc.assert(
      fc.asyncProperty(given, async (entries) => {
        const server = await checkParameters(manifest, entries, (one) => Promise.resolve({ name: one }));
        const { conditions, view } = inBrowser(manifest);
        const said = Object.fromEntries(conditions.stateOf(entries).wrongNames.map(({ at, message }) => [at, message]));
        expect(said).toEqual(server.ok ? {} : server.errors);
        expect(view.fields.map(({ name }) => name)).toEqual(['size', 'label', 'tables', 'stains', 'radii']);
      }),
      { numRuns: 300 },
    );
    const { conditions } = inBrowser(manifest);
    expect(conditions.stateOf({ size: '6', tables: ['project:a.tif'], stains: ['a', 'b'], label: '', radii: '' }).wrongNames).toEqual([
      { at: 'stains', message: expect.stringContaining('“b” has no file') },
    ]);
  });

  it('is nothing without conditions, and only what they mention with them', () => {
    expect(conditionsView(compileYaml('y', WITHOUT) as Manifest, false)).toBe(null);
    const manifest = compileYaml('y', WITHOUT.replace('name: last,', 'name: last, when: size > 3,')) as Manifest;
    expect(conditionsView(manifest, true)).toMatchObject({
      fields: [{ name: 'size' }, { name: 'last', when: 'size > 3' }],
      rules: [],
      isTold: true,
    });
    const ruled = { ...manifest, rules: [{ check: 'count > 1', message: 'No.', at: 'mode', level: 'error' as const }] };
    expect(conditionsView(ruled, true)?.rules).toMatchObject([{ names: ['mode', 'count'] }]);
  });

  it('stays small and is made soon for a large form', async () => {
    const fields = Array.from(
      { length: 150 },
      (_, index) => `  - { name: p${index}, type: number, default: 1${index === 0 ? '' : `, when: p0 > ${index} or p${index - 1} > 3`} }\n`,
    );
    // Each hangs on one before it; chains are bounded, so every tenth begins a new one.
    const source = `command: run\nparameters:\n${fields.map((line, index) => (index % 10 === 1 ? line.replace(/ or .* }/, ' }') : line)).join('')}`;
    const manifest = compileYaml('y', source) as Manifest;
    expect(manifest).toHaveProperty('parameters');
    const begin = performance.now();
    for (let times = 0; times < 5; times += 1) await checkParameters(manifest, { p0: '70' }, () => Promise.resolve({ name: '' }));
    expect((performance.now() - begin) / 5).toBeLessThan(100);
    expect(JSON.stringify(conditionsView(manifest, false)).length).toBeLessThan(20_000);
  });
});
