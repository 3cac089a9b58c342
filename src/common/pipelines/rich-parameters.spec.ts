import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { renderArguments } from './arguments';
import { namesFrom, rowsFrom } from './file-source';
import { checkParameters, defaultEntry, entriesOf } from './parameters';
import { compileYaml } from './pipeline-yaml';
import type { Surroundings } from './surroundings';
import { filesIn } from './value-files';

const yaml = (text: string) => {
  const compiled = compileYaml('y', text);
  if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
  return compiled;
};
const faultsOf = (text: string) => {
  const compiled = compileYaml('y', text);
  return Array.isArray(compiled) ? compiled : [];
};
const anyFile = (reference: string) =>
  Promise.resolve(reference.includes('gone') ? { fault: 'It is gone.' } : { name: reference.slice(reference.indexOf(':') + 1) });

const NAMES = new Set(['DAPI', 'CD3', 'CD45', 'HLA-A,HLA-B']);
const around: Surroundings = {
  names: (source) => Promise.resolve(source === 'markers' ? { names: NAMES } : { fault: 'Choose a run first.' }),
  runFault: (_, run) => Promise.resolve(run === '7' ? undefined : 'This run did not end well.'),
  reference: (name) => Promise.resolve(/^\w+:/.test(name) ? name : `project:${name}`),
  files: () => Promise.resolve([]),
};

const PARTS = `
command: run
sources:
  markers: { files: '(?<marker>.+)\\.tif', group: marker }
  columns: { columnsOf: 'cells.csv', run: before }
parameters:
  - { name: channels, type: choices, options: [red, { value: green, label: Green }, blue], default: [red], maxItems: 2 }
  - { name: radii, type: list, items: integer, min: 1, max: 99, default: [1, 5, 10], maxItems: 3 }
  - { name: tags, type: list, required: false, pattern: '[a-z]+', unique: false }
  - { name: nuclei, type: pick, from: markers, default: DAPI }
  - { name: measured, type: pick, from: markers, many: true, minItems: 2, required: false }
  - { name: others, type: pick, from: markers, many: true, allowOther: true, required: false }
  - { name: column, type: pick, from: columns, required: false }
  - { name: before, type: run }
  - { name: mode, type: constant, value: full }
  - { name: closeness, type: number, default: 0, min: 0.001, max: 0.999, zeroMeans: off, unit: px }
`;

describe('parameters with several values', () => {
  const manifest = yaml(PARTS);
  const check = (submitted: Record<string, unknown>) => checkParameters(manifest, submitted, anyFile, around);
  const errorsOf = async (submitted: Record<string, unknown>) => {
    const checked = await check(submitted);
    return checked.ok ? {} : checked.errors;
  };

  it('take their defaults', async () => {
    expect(await check({})).toMatchObject({
      ok: true,
      values: { channels: ['red'], radii: ['1', '5', '10'], nuclei: 'DAPI', mode: 'full', closeness: '0' },
    });
    expect(manifest.parameters.map(defaultEntry)).toEqual([['red'], '1, 5, 10', '', 'DAPI', [], [], '', '', 'full', '0']);
  });

  it('are told in the order of the form, as text that was typed, and as names that may hold commas', async () => {
    const submitted = {
      channels: ['blue', 'red'],
      radii: ' 1,\r\n20 ',
      tags: ['a', 'a'],
      measured: ['CD3, CD45\nHLA-A,HLA-B'],
      others: ['mine, yours'],
      before: '7',
    };
    expect(await check(submitted)).toMatchObject({
      ok: true,
      values: {
        channels: ['red', 'blue'],
        radii: ['1', '20'],
        tags: ['a', 'a'],
        measured: ['CD3', 'CD45', 'HLA-A,HLA-B'],
        others: ['mine', 'yours'],
        before: '7',
      },
    });
  });

  it.each([
    [{ channels: ['red', 'pink'] }, { channels: 'Choose among the values in the list.' }],
    [{ channels: ['red', 'green', 'blue'] }, { channels: 'Choose at most 2.' }],
    [{ channels: '' }, {}],
    [{ radii: '1, 5.5' }, { radii: '5.5: Write a whole number.' }],
    [{ radii: '0' }, { radii: '0: Write a number from 1 to 99.' }],
    [{ radii: '1, 2, 3, 4' }, { radii: 'Give at most 3 values.' }],
    [{ radii: '4, 4' }, { radii: '4 is in the list twice.' }],
    [{ tags: 'ok, 9' }, { tags: '9: This does not have the expected form ([a-z]+).' }],
    [{ tags: ['a,b'] }, { tags: 'a,b: A value of a list holds no comma and no line end, and neither begins nor ends with a blank.' }],
    [{ nuclei: 'dapi' }, { nuclei: 'This is not among the names: dapi (did you mean DAPI?)' }],
    [{ measured: 'CD3' }, { measured: 'Choose at least 2.' }],
    [
      { measured: 'CD3\nCD54\nQ1\nQ2\nQ3\nQ4\nQ5' },
      { measured: 'These are not among the names: CD54 (did you mean CD45?), Q1, Q2, Q3, Q4, and 1 more' },
    ],
    [{ others: ['a\0'] }, { others: 'This contains something that cannot be passed to a program. Type it again instead of pasting it.' }],
    [{ column: 'area' }, { column: 'Choose a run first.' }],
    [{ before: '8' }, { before: 'This run did not end well.' }],
    [{ mode: 'other' }, { mode: 'This value is fixed. The pipeline may have changed; open the form again.' }],
    [{ closeness: '0.0' }, {}],
    [{ closeness: '1' }, { closeness: 'Write a number from 0.001 to 0.999 px, or 0 for “off”.' }],
  ])('say what is wrong: %j', async (submitted, errors) => {
    expect(await errorsOf(submitted)).toEqual(errors);
  });

  it('fill the form again, and reach the program one by one', async () => {
    const checked = await check({ radii: '3, 4', measured: ['CD3', 'HLA-A,HLA-B'], before: '7' });
    const entries = entriesOf(manifest, manifest, checked.values);
    expect(entries).toMatchObject({ radii: ['3', '4'], measured: ['CD3', 'HLA-A,HLA-B'], before: '7', mode: 'full' });
    expect(await check(entries)).toMatchObject({ ok: true, values: checked.values });
    expect(await renderArguments(manifest, checked.values, { resolveFile: (name) => name, outputFolder: '/out' })).toEqual([
      '--channels=red',
      '--radii=3',
      '--radii=4',
      '--nuclei=DAPI',
      '--measured=CD3',
      '--measured=HLA-A,HLA-B',
      '--before=7',
      '--mode=full',
      '--closeness=0',
    ]);
  });
});

const TABLE = `
command: run
sources:
  fields: { files: '(?<sample>.+)_(?<channel>red|blue)\\.tiff?', rowsBy: sample, columnsBy: channel }
  markers: { files: '(?<marker>.+)\\.tif', group: marker }
parameters:
  - name: samples
    type: table
    minRows: 1
    fill: { source: fields, columns: { red: red, blue: blue, prefix: sample } }
    columns:
      - { name: red, type: file, accept: [.tif] }
      - { name: blue, type: file, required: false, label: Nuclei }
      - { name: prefix, type: string, pattern: '[^,]+', unique: true }
      - { name: size, type: integer, default: 512, min: 1 }
      - { name: crop, type: boolean, default: true }
      - { name: line, type: choice, options: [U2OS, HeLa], required: false }
      - { name: markers, type: pick, from: markers, many: true, required: false }
  - { name: note, type: string, required: false, when: count(samples) > 1 }
`;

describe('a table', () => {
  const manifest = yaml(TABLE);
  const check = (samples: unknown) => checkParameters(manifest, { samples }, anyFile, around);

  it('has its rows checked, empty cells filled with defaults, and rows without anything dropped', async () => {
    const rows = [
      { red: 'a_red.tif', blue: '', prefix: 'a_', size: '', crop: ['false', 'true'], line: '', markers: ['CD3'] },
      { red: '', blue: '', prefix: ' ', size: '', crop: 'false', line: '' },
      { red: 'project:b_red.tif', blue: 'project:b_blue.tif', prefix: 'b_', size: '1024', crop: ['false'], line: 'HeLa', markers: [''] },
    ];
    const checked = await check(rows);
    expect(checked).toMatchObject({
      ok: true,
      values: {
        samples: [
          { red: 'project:a_red.tif', prefix: 'a_', size: '512', crop: 'true', markers: ['CD3'] },
          { red: 'project:b_red.tif', blue: 'project:b_blue.tif', prefix: 'b_', size: '1024', crop: 'false', line: 'HeLa' },
        ],
      },
    });
    expect([...checked.applies]).toEqual(['samples', 'note']);
    expect(filesIn(manifest.parameters, checked.values)).toEqual(['project:a_red.tif', 'project:b_red.tif', 'project:b_blue.tif']);
    expect(await check(entriesOf(manifest, manifest, checked.values)['samples'])).toMatchObject({ ok: true, values: checked.values });
    // Its rows are for files, not for arguments.
    expect(await renderArguments(manifest, checked.values, { resolveFile: (name) => name, outputFolder: '/out' })).toEqual([]);
  });

  it.each([
    [[], 'Fill in at least 1 row.', {}],
    ['text', 'Fill in at least 1 row.', {}],
    [[{ prefix: 'a' }], 'Row 1, Red: Choose a file.', { '0.red': 'Choose a file.' }],
    [
      [
        { red: 'a.tif', prefix: 'x' },
        { red: 'b.png', prefix: 'a,b', size: '0' },
      ],
      'Row 2, Red: b.png is of a kind that this pipeline does not read. It reads .tif. 2 more cells are wrong.',
      { '1.prefix': 'This does not have the expected form ([^,]+).', '1.size': 'Write a number of at least 1.' },
    ],
    [[{ red: 'gone.tif', prefix: 'x' }], 'Row 1, Red: It is gone.', { '0.red': 'It is gone.' }],
    [
      [
        { red: 'a.tif', prefix: 'x' },
        { red: 'b.tif', prefix: 'x' },
      ],
      'Row 2, Prefix: Row 1 has the same; each row needs its own.',
      { '1.prefix': 'Row 1 has the same; each row needs its own.' },
    ],
    [[{ red: 'a.tif', prefix: 'x', other: '1' }], 'This table has no column named other. It may have changed; open the form again.', {}],
    [
      [{ red: 'a.tif', prefix: 'x', markers: ['CD4'] }],
      'Row 1, Markers: This is not among the names: CD4 (did you mean CD3?)',
      { '0.markers': 'This is not among the names: CD4 (did you mean CD3?)' },
    ],
  ])('names row and column of what is wrong: %j', async (rows, sentence, cells) => {
    const checked = await check(rows);
    expect(checked.ok ? {} : checked.errors).toEqual({ samples: sentence });
    expect(checked.cells['samples'] ?? {}).toMatchObject(cells);
  });

  it('survives names that every object has', async () => {
    const checked = await check([JSON.parse('{"red":"a.tif","prefix":"x","__proto__":"y"}'), null, 3, { constructor: 'z' }]);
    expect(checked.ok ? '' : checked.errors['samples']).toMatch(/no column named __proto__/);
  });
});

describe('files as a source', () => {
  const files = ['s1_red.tif', 's1_blue.tif', 's2_red.tif', 'x/s2_blue.tiff', 'notes.txt', 's1_red.tiff'].map((path) => ({
    name: path.split('/').at(-1) ?? '',
    folder: path.includes('/') ? 'x' : '',
    reference: `project:${path}`,
  }));
  const { sources = {}, parameters } = yaml(TABLE);
  const { fields, markers } = sources;
  const [table] = parameters;

  it('gives each name once', () => {
    if (markers?.kind !== 'files') throw new Error('no files');
    expect(namesFrom(markers, files)).toEqual(['s1_red', 's1_blue', 's2_red']);
    expect(namesFrom({ ...markers, folder: 'x' }, files)).toEqual([]);
    const hostile = [{ name: 'a'.repeat(60), folder: '', reference: 'project:a' }];
    expect(namesFrom({ ...markers, files: '(?<marker>(a+)+)b' }, hostile)).toEqual([]);
    expect(namesFrom({ ...markers, files: '(?<marker>(a+)+)(?!c)b' }, hostile)).toBeNull();
  });

  it('gives a row of each sample in a folder, and says how many files found no place', () => {
    if (fields?.kind !== 'files' || table?.type !== 'table' || !table.fill) throw new Error('no table');
    expect(rowsFrom(fields, table.fill, files)).toEqual({
      rows: [
        { red: 'project:s1_red.tif', blue: 'project:s1_blue.tif', prefix: 's1' },
        { red: 'project:s2_red.tif', prefix: 's2' },
        { blue: 'project:x/s2_blue.tiff', prefix: 's2' },
      ],
      leftOut: 1,
    });
    const single = { ...fields, rowsBy: null, columnsBy: null };
    expect(rowsFrom(single, { source: 'f', columns: { red: 'file', prefix: 'sample' } }, files.slice(0, 2))?.rows).toEqual([
      { red: 'project:s1_red.tif', prefix: 's1' },
      { red: 'project:s1_blue.tif', prefix: 's1' },
    ]);
  });
});

describe('faults of sections, sources and tables', () => {
  const head = 'command: run\n';
  it.each([
    [
      `sources: { m: { files: '.+', group: marker } }`,
      'Line 2, sources, m, group: The pattern has no group. Write one, such as (?<marker>.+).',
    ],
    [`sources: { m: { files: '(?<a>.+)', group: b } }`, 'Line 2, sources, m, group: The pattern has no group named b. Its groups are: a.'],
    [`sources: { m: { files: '(', group: b } }`, /Line 2, sources, m, files: This is not a regular expression/],
    [`sources: { m: { files: '(?<a>.)', columnsBy: a } }`, /columnsBy needs rowsBy/],
    [`sources: { m: { list: ../x.txt } }`, /lies outside the folder/],
    [`sources: { m: { columnsOf: x.csv, run: r } }`, 'Line 2, sources, m, run: "r" is not among the parameters of type run.'],
    [`sources: { 1m: { list: x } }`, /is not a name for a source/],
    [`sources: { m: { list: x, lists: y } }`, /There is no such field. Did you mean list\?/],
    [
      `parameters: [{ name: a, type: pick, from: m }]`,
      'Line 2, parameters 1, from: There is no source named m. Describe it under sources.',
    ],
    [
      `sources: { marker: { list: ./x } }\nparameters: [{ name: a, type: pick, from: markers }]`,
      'Line 3, parameters 1, from: There is no source named markers. Did you mean marker?',
    ],
    [
      `sources: { rows: { files: '(?<a>.+)', rowsBy: a } }\nparameters: [{ name: a, type: pick, from: rows }]`,
      /The source rows gives rows, not names/,
    ],
    [
      `parameters: [{ name: a, type: string, section: s }]`,
      'Line 2, parameters 1, section: There is no section named s. Describe it under sections.',
    ],
    [`sections: [{ id: s, title: S }, { id: s, title: T }]`, 'Line 2, sections 2, id: There are two sections named s.'],
    [`sections: [{ id: s, title: S, when: q }]`, 'Line 2, sections 1, when: At character 1: There is no parameter named q.'],
    [
      `sections: [{ id: s, title: S, when: a }]\nparameters: [{ name: a, type: boolean, section: s }]`,
      'Line 2, sections 1, when: This condition waits for itself: a → a.',
    ],
    [
      `parameters: [{ name: t, type: table, columns: [{ name: a, type: string }, { name: a, type: file }] }]`,
      'Line 2, parameters 1, columns 2, name: There are two columns named a.',
    ],
    [`parameters: [{ name: t, type: table, columns: [{ name: a, type: boolean }] }]`, /A table needs a column that is no boolean/],
    [
      `parameters: [{ name: t, type: table, columns: [{ name: a, type: integer, min: 3, max: 1 }] }]`,
      'Line 2, parameters 1, columns 1, min: The smallest value lies above the largest.',
    ],
    [`parameters: [{ name: t, type: table, columns: [{ name: a, type: string, when: x }] }]`, /columns 1, when: There is no such field/],
    [`parameters: [{ name: t, type: table, columns: [{ name: a, type: string }], minRows: 9, maxRows: 3 }]`, /minRows: The smallest value/],
    [
      `parameters: [{ name: l, type: list, items: integer, default: [1, x] }]`,
      'Line 2, parameters 1, default: The default of l does not fit: x: Write a whole number.',
    ],
    [`parameters: [{ name: c, type: choices, options: [a, b], default: c }]`, /The default of c is none of its values: c/],
    [`parameters: [{ name: c, type: choices, options: [a, a] }]`, /needs its values, each once/],
    [`parameters: [{ name: r, type: run, pipelines: ['a b'] }]`, 'Line 2, parameters 1, pipelines 1: "a b" is not the name of a pipeline.'],
    [`parameters: [{ name: r, type: constant }]`, /value: This field is missing/],
    [
      `parameters: [{ name: t, type: table, columns: [{ name: a, type: string }] }]\narguments: ['{t}']`,
      /t is a table. Its rows go into a file/,
    ],
  ])('%s', (text, expected) => {
    const faults = faultsOf(head + text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  it.each([
    ['{ red: sample }', /red is of the type file, and sample is no file/],
    ['{ prefix: red }', /prefix is not of the type file, and red is a file|no group named red/],
    ['{ crop: sample }', /crop is a boolean/],
    ['{ none: sample }', /There is no column named none/],
  ])('rows filled by %s', (columns, expected) => {
    const faults = faultsOf(TABLE.replace('{ red: red, blue: blue, prefix: sample }', columns));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(expected);
  });
});

describe('sections', () => {
  it('give their condition to their parameters', () => {
    const { parameters, sections } = yaml(`
command: run
sections: [{ id: cluster, title: Clusters, when: clusters }]
parameters:
  - { name: clusters, type: boolean }
  - { name: count, type: integer, default: 10, section: cluster, placeholder: ten, examples: [5, 10], helpLong: Long. }
  - { name: method, type: choice, options: [a, b], section: cluster, when: count > 2 or count < 1 }
`);
    expect(parameters.map(({ when }) => when)).toEqual([undefined, 'clusters', '(clusters) and (count > 2 or count < 1)']);
    expect(parameters[1]).toMatchObject({ section: 'cluster', placeholder: 'ten', examples: ['5', '10'], helpLong: 'Long.' });
    expect(sections).toEqual([{ id: 'cluster', title: 'Clusters', help: '', collapsed: false, when: 'clusters' }]);
  });
});

describe('conditions on several values', () => {
  const withWhen = (when: string) =>
    `${PARTS}  - { name: t, type: table, required: false, columns: [{ name: a, type: string }] }\n  - { name: x, type: string, when: "${when}" }\n`;
  it.each([
    "has(channels, 'red')",
    'count(radii) > 1',
    'empty(before)',
    "nuclei == 'DAPI'",
    "mode == 'full'",
    'count(t) == 0',
    "has(measured, 'any')",
    "has(t, 'a')",
  ])('may say %s', (when) => expect(faultsOf(withWhen(when))).toEqual([]));
  it.each([
    ["channels == 'red'", 'channels is a list, which cannot be compared. Write empty(channels) or count(channels).'],
    ["has(channels, 'pink')", "channels is never 'pink'."],
    ["has(t, 'b')", "t is never 'b'."],
    ["has(nuclei, 'DAPI')", 'has looks into a list, and nuclei is a text.'],
    ['has(channels, nuclei)', 'The second thing in has is a text in single quotes.'],
    ['t', 't is a table, which has no value here.'],
  ])('may not say %s', (when, fault) => expect(faultsOf(withWhen(when))[0]).toContain(fault));

  it('know the columns that are filled in all rows of a table', async () => {
    const columns = 'columns: [{ name: a, type: string, required: false }, { name: b, type: boolean }]';
    const manifest = yaml(`command: x
parameters:
  - { name: t, type: table, required: false, ${columns} }
  - { name: x, type: string, when: "has(t, 'a')" }
`);
    const applies = async (t: unknown) => (await checkParameters(manifest, { t }, anyFile, around)).applies.has('x');
    expect(await applies([{ a: '1' }, { a: '2', b: 'true' }])).toBe(true);
    expect(await applies([{ a: '1' }, { a: ' ', b: 'true' }, {}])).toBe(true);
    expect(await applies([])).toBe(true);
  });

  it('are decided by what is among them', async () => {
    const manifest = yaml(withWhen("has(channels, 'blue') and count(t) > 0"));
    const applies = async (submitted: Record<string, unknown>) =>
      (await checkParameters(manifest, submitted, anyFile, around)).applies.has('x');
    expect(await applies({ channels: ['blue'], t: [{ a: 'b' }] })).toBe(true);
    expect(await applies({ channels: ['blue'], t: [{ a: ' ' }] })).toBe(false);
    expect(await applies({ channels: ['red'], t: [{ a: 'b' }] })).toBe(false);
  });
});

describe('whatever is entered', () => {
  const manifest = yaml(`
command: run
sources: { markers: { list: ./x } }
parameters:
  - { name: list, type: list, unique: false, required: false }
  - { name: names, type: pick, from: markers, many: true, allowOther: true, required: false }
  - { name: rows, type: table, required: false, columns: [{ name: cell, type: string, required: false }, { name: key, type: string }] }
  - { name: last, type: string, default: end }
`);
  const text = fc.string({ unit: 'binary', maxLength: 60 });

  it('is passed byte for byte or refused, and changes nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 4 }), fc.array(text, { maxLength: 4 }), text, async (list, names, cell) => {
        const checked = await checkParameters(manifest, { list, names, rows: [{ cell, key: 'k' }] }, anyFile, around);
        const { values } = checked;
        expect(values['last']).toBe('end');
        if (values['list'] !== undefined) expect(values['list']).toEqual(list.filter((one) => one !== ''));
        const written = cell === '' ? {} : { cell: cell.replaceAll('\r\n', '\n') };
        if (values['rows'] !== undefined) expect(values['rows']).toEqual([{ ...written, key: 'k' }]);
        // Names are cut at commas and line ends, where they are none as a whole.
        const pieces = names.flatMap((name) => name.split(/[,\r\n]/)).map((name) => name.trim());
        for (const name of (values['names'] ?? []) as string[]) expect(pieces.includes(name) || NAMES.has(name)).toBe(true);
        if (!checked.ok) for (const sentence of Object.values(checked.errors)) expect(sentence.length).toBeGreaterThan(10);
      }),
      { numRuns: 500 },
    );
  });
});

describe('whatever a manifest says of forms', () => {
  const scrap = fc.oneof(
    fc.constantFrom('a', 'b', '', '(?<a>.+)', '(', 'count(a) > 0', '../x', 'file', 'true'),
    fc.integer({ min: -2, max: 600 }),
    fc.boolean(),
    fc.constant(null),
  );
  const record = (names: string[]) => fc.record(Object.fromEntries(names.map((name) => [name, scrap])), { requiredKeys: [] });
  const type = fc.constantFrom('choices', 'list', 'pick', 'table', 'run', 'constant', 'string', 'file', 'boolean', 'number');
  const column = fc
    .tuple(record(['name', 'default', 'from', 'many', 'unique', 'accept', 'when', 'min']), type)
    .map(([fields, one]) => ({ name: 'c', ...fields, type: one }));
  const own = record([
    'default',
    'from',
    'many',
    'minItems',
    'maxItems',
    'items',
    'section',
    'when',
    'zeroMeans',
    'value',
    'minRows',
    'fill',
  ]);
  const parameter = fc
    .tuple(own, type, fc.array(column, { maxLength: 3 }), fc.constantFrom('a', 'b', 'p.q'))
    .map(([fields, one, columns, name]) => ({
      ...fields,
      name,
      type: one,
      ...(one === 'table' && { columns }),
      ...(one === 'choices' && { options: ['a', 'b'] }),
    }));
  const source = record(['files', 'group', 'rowsBy', 'columnsBy', 'list', 'columnsOf', 'run', 'folder']);
  const sources = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'x y'), source);
  const sections = fc.array(record(['id', 'title', 'when', 'collapsed']), { maxLength: 2 });

  it('is read, or refused with line, field and a sentence', () => {
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 4 }), sources, sections, (parameters, sources, sections) => {
        const compiled = compileYaml('y', stringify({ command: 'run', parameters, sources, sections }));
        if (!Array.isArray(compiled)) return expect(compiled.parameters).toHaveLength(parameters.length);
        expect(compiled.length).toBeGreaterThan(0);
        for (const fault of compiled) expect(fault).toMatch(/^Line \d+, \S[^:]*: \S.{5}/);
      }),
      { numRuns: 1500 },
    );
  });
});
