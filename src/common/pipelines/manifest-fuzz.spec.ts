import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { compileYaml } from './pipeline-yaml';

const HOME = resolve(__dirname, '..', '..', '..');
const read = (path: string) => readFileSync(join(HOME, path), 'utf8');
const blocksOf = (path: string) => [...read(path).matchAll(/```yaml\n([^]*?)```/g)].map(([, block]) => block);

/** Manifests without faults, to be spoilt. */
const SOUND = [
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
const COUNT = Number(process.env['FUZZ_COUNT'] ?? 2000);

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

/** What a sentence must be to be of use: it has a line and, unless the file is no YAML or no mapping, a field. */
function isOfUse(fault: string): boolean {
  return /^Line \d+, [^\n]+?: \S/.test(fault) || /^Line \d+: \S/.test(fault);
}

it(`finds no manifest among ${COUNT} that crashes it or is refused without a line and a sentence (seed ${SEED})`, () => {
  expect(SOUND.length).toBeGreaterThan(8);
  const chance = new Chance(SEED);
  const bad: { source: string; fault: string }[] = [];
  let refused = 0;
  let withField = 0;
  for (let count = 0; count < COUNT; count += 1) {
    const sound = chance.of(SOUND);
    const source = chance.below(3) === 0 ? spoilText(sound.yaml, chance) : spoilContent(sound.content, chance);
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
    bad.push(...compiled.filter((fault) => !isOfUse(fault)).map((fault) => ({ source, fault })));
  }
  expect(bad.slice(0, 3)).toEqual([]);
  // It spoils enough, and most faults are of a field and not of the file.
  expect(refused).toBeGreaterThan(COUNT / 2);
  expect(withField).toBeGreaterThan(refused / 2);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}, 120_000);
