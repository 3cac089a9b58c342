import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { compileYaml } from './pipeline-yaml';

const HOME = resolve(__dirname, '..', '..', '..');
const read = (path: string) => readFileSync(join(HOME, path), 'utf8');
const blocksOf = (path: string) => [...read(path).matchAll(/```yaml\n([^]*?)```/g)].map(([, block]) => block);

/** What has every field of forms, files and staging at least once. */
const RICH = [
  `
title: Everything in a form
command: [./run.sh]
sources:
  markers: { files: '(?<marker>.+)\\.tiff?', group: marker, folder: raw }
  fields: { files: '(?<sample>.+)_(?<channel>red|blue)\\.tif', rowsBy: sample, columnsBy: channel }
  proteins: { list: ./proteins.txt }
  columns: { columnsOf: '**/cells.csv', run: earlier }
sections:
  - { id: cells, title: Cells, help: How they are found., collapsed: true }
  - { id: export, title: Export, when: not empty(earlier) }
parameters:
  - { name: nuclei, type: pick, from: markers, section: cells, examples: [DAPI], placeholder: DAPI, helpLong: Much to read. }
  - { name: measured, type: pick, from: proteins, many: true, allowOther: true, minItems: 1, maxItems: 40, default: [a, b], separator: ';' }
  - { name: methods, type: choices, options: [one, { value: two, label: Second }], default: [one], minItems: 1, section: cells }
  - { name: sizes, type: list, items: integer, min: 1, max: 9, unit: px, default: [1, 2], unique: false, when: "has(methods, 'one')" }
  - { name: words, type: list, pattern: '[a-z]+', patternMessage: Small letters., required: false }
  - { name: closeness, type: number, min: 0.1, max: 0.9, zeroMeans: off, default: 0 }
  - { name: keep, type: boolean, spelling: { true: yes, false: no } }
  - { name: earlier, type: run, pipelines: [other] }
  - { name: column, type: pick, from: columns, section: export, requiredWhen: count(methods) > 1 }
  - { name: mode, type: constant, value: fixed }
  - name: rows
    type: table
    minRows: 1
    maxRows: 20
    fill: { source: fields, columns: { red: red, blue: blue, prefix: sample } }
    columns:
      - { name: red, type: file, accept: [.tif], label: Red }
      - { name: blue, type: file, required: false }
      - { name: prefix, type: string, pattern: '[^,]+', unique: true, maxLength: 20 }
      - { name: size, type: integer, min: 1, default: 3, step: 2 }
      - { name: kind, type: choice, options: [a, b], default: a }
      - { name: markers, type: pick, from: markers, many: true, required: false }
      - { name: crops, type: boolean, default: true }
rules: [{ check: closeness < 0.5 or empty(words), message: Too close., at: closeness, level: warning }]
arguments: ['--id={runId}', { value: measured, flag: --markers, join: ';' }, [--mode, '{mode}']]
`,
  `
command: [./run.sh]
parameters:
  - { name: images, type: files, accept: [.tif], separator: ';' }
  - { name: marker, type: string }
  - { name: sizes, type: list, items: number }
  - { name: earlier, type: run }
  - { name: analyse, type: boolean, default: true }
  - { name: rows, type: table, columns: [{ name: red, type: file }, { name: prefix, type: string }] }
stage:
  - { parameter: images, to: data/, name: '{index}_{stem}{ext}', as: copy }
  - { parameter: rows, column: red, to: red/ }
  - { run: earlier, globs: ['analysis/**'], to: data/ }
files:
  - path: lists/batch.txt
    format: lines
    quote: single
    safe: '[a-z]'
    comment: '#'
    lines:
      - { when: analyse, words: [run.py, '-data={workFolder}/data', [-marker, '{marker}'], { boolean: analyse, whenTrue: -a }], omitEmpty: false }
  - path: path_list.csv
    format: rows
    rows: [rows, sizes]
    header: comment
    comment: '#'
    delimiter: ';'
    quote: never
    keep: true
    columns: [{ header: red, value: '{red.stem}_{prefix}' }, { header: size, value: '{sizes}' }]
  - { path: config.yaml, format: yaml, omitEmpty: false, value: { marker: '{marker}', sizes: '{sizes}', rows: '{rows}', deep: [[1, null, true, { at: '{runId}' }]] } }
  - { path: config.json, format: json, value: { images: '{images}' } }
runId: { file: run_id.txt }
before: { clear: [LAST_RUN_ID] }
after: { clear: [RUNNING, '**/*.tmp'] }
samples:
  - { title: all, values: { marker: x, sizes: [1, 2], rows: [{ red: a.tif, prefix: p }] }, files: { images: [{ name: a.tif, text: x }], runs/7/a.txt: b.txt }, expect: { files: ['*.csv'] } }
`,
];

/** Manifests without faults, to be spoilt. */
const SOUND = [
  ...RICH,
  read('config/pipelines/nuclei/pipeline.yaml'),
  read('config/template/pipeline.yaml'),
  ...['pipelines', 'docker', 'handoff'].flatMap((page) => blocksOf(`docs/${page}.md`)),
]
  .filter((yaml) => !Array.isArray(compileYaml('x', yaml)))
  .map((yaml) => ({ yaml, content: parse(yaml) as Box }));

// A longer search is asked for by the environment.
// oxlint-disable-next-line node/no-process-env
const SEED = Number(process.env['FUZZ_SEED'] ?? 20261126);
// oxlint-disable-next-line node/no-process-env
const COUNT = Number(process.env['FUZZ_COUNT'] ?? 1200);

/** What does not belong where it is put. */
const ODD: unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  ' ',
  '\0',
  '\u{d800}',
  '__proto__',
  'constructor',
  '{}',
  '{image}',
  '{outputFolder}',
  '(',
  '(a+)+$',
  'a: b',
  '# no',
  '&a',
  '*a',
  '!!js/function x',
  '../../etc/passwd',
  '💣'.repeat(50),
  'x'.repeat(5000),
  [],
  {},
  [[]],
  [null],
  { parameter: 'x' },
  { __proto__x: 1 },
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'),
  '2001-12-14t21:59:43.10-05:00',
];

class Chance {
  constructor(private state: number) {}

  below(most: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)];
  }
}

type Box = Record<string, unknown> | unknown[];

/** Every list and mapping of a value, the outermost first. */
function boxesIn(value: unknown): Box[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Box, ...Object.values(value).flatMap(boxesIn)];
}

/** Spoils the content: another value, no value, another name, twice the same, a value from elsewhere, or one that is nested deeply. */
function spoilContent(sound: Box, chance: Chance): string {
  const content = structuredClone(sound);
  for (let times = 1 + chance.below(3); times > 0; times -= 1) {
    const boxes = boxesIn(content);
    const box = chance.of(boxes) as Record<string, unknown>;
    const keys = Object.keys(box);
    if (keys.length === 0) continue;
    const key = chance.of(keys);
    const spoil = [
      () => (box[key] = structuredClone(chance.of(ODD))),
      () => delete box[key],
      () => (box[`${key}x`] = box[key]),
      () =>
        Array.isArray(box) ? box.push(...box) : (box[chance.of(['__proto__', 'toString', 'type', 'name', 'samples'])] = chance.of(ODD)),
      () => (box[key] = structuredClone(chance.of(boxes))),
      () => (box[key] = Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 'deep')),
    ];
    chance.of(spoil)();
  }
  return stringify(content);
}

/** Spoils the text, as a slip of the hand or a damaged file would. */
function spoilText(yaml: string, chance: Chance): string {
  const lines = yaml.split('\n');
  const at = chance.below(lines.length);
  const sign = () =>
    chance.of([
      ':',
      '-',
      '{',
      '}',
      '[',
      ']',
      "'",
      '"',
      '|',
      '>',
      '&a ',
      '*a',
      '!!str ',
      '%',
      '@',
      '\t',
      '\0',
      '\r',
      '\u{feff}',
      '#',
      '?',
      '---\n',
      '...\n',
    ]);
  const spoil = [
    () => lines.splice(at, 1),
    () => lines.splice(at, 0, lines[at]),
    () => (lines[at] = `${' '.repeat(1 + chance.below(4))}${lines[at]}`),
    () => (lines[at] = lines[at].trimStart()),
    () =>
      (lines[at] = lines[at].slice(0, chance.below(lines[at].length + 1)) + sign() + lines[at].slice(chance.below(lines[at].length + 1))),
    () => lines.splice(at),
    () => lines.splice(at, 0, 'a: &a [*a, *a]', '<<: *a'),
  ];
  chance.of(spoil)();
  return lines.join('\n');
}

/** What a sentence must be to be of use: it has a line and, unless the text of the file is no YAML or no mapping, a field. */
function isOfUse(fault: string, isText: boolean): boolean {
  return /^Line \d+, [^\n]+?: \S/.test(fault) || (isText && /^Line \d+: \S/.test(fault));
}

it('has manifests with every field of forms and files', () => {
  for (const yaml of RICH) expect(compileYaml('rich', yaml)).toMatchObject({ id: 'rich' });
});

it(`finds no manifest among ${COUNT} that crashes it or is refused without a line and a sentence (seed ${SEED})`, () => {
  expect(SOUND.length).toBeGreaterThan(8);
  const chance = new Chance(SEED);
  const bad: { source: string; fault: string }[] = [];
  let refused = 0;
  let withField = 0;
  for (let count = 0; count < COUNT; count += 1) {
    // The rich ones have most of what can be spoilt.
    const sound = chance.below(2) === 0 ? chance.of(SOUND.slice(0, RICH.length)) : chance.of(SOUND);
    const isText = chance.below(3) === 0;
    const source = isText ? spoilText(sound.yaml, chance) : spoilContent(sound.content, chance);
    let compiled: ReturnType<typeof compileYaml>;
    try {
      compiled = compileYaml('fuzzed', source);
    } catch (error) {
      bad.push({ source, fault: (error as Error).stack ?? String(error) });
      continue;
    }
    if (!Array.isArray(compiled)) continue;
    refused += 1;
    if (compiled.every((fault) => /^Line \d+, /.test(fault))) withField += 1;
    if (compiled.length === 0) bad.push({ source, fault: 'no sentence at all' });
    bad.push(...compiled.filter((fault) => !isOfUse(fault, isText)).map((fault) => ({ source, fault })));
  }
  expect(bad.slice(0, 3)).toEqual([]);
  // It spoils enough, and most faults are of a field and not of the file.
  expect(refused).toBeGreaterThan(COUNT / 2);
  expect(withField).toBeGreaterThan(refused / 2);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}, 120_000);
