import { execFileSync } from 'node:child_process';
import { parse as parseCsv } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import type { Manifest, ParameterValues, Row } from '../manifest';
import { checkParameters } from '../parameters';
import { isEntryName } from '../../files/entry-name';
import { formatFileReference } from '../../files/file-references';
import { compileYaml } from '../pipeline-yaml';
import type { ArgumentFile } from './argument-file';
import { fileErrors, filesFor, renderFiles } from './render-files';
import type { FilePlaces } from './scope';

/** Everything that some shell, reader or format takes for something else than itself, and a few letters. */
const SIGNS = [
  ...Array.from(` '"\\$\`;&|<>()[]{}*?!#~%=,:-\t\n\r`),
  'é',
  '🧬',
  'a',
  'B',
  '7',
  '\u2028',
  '\u0085',
  '\u00a0',
  '\u0007',
  'no',
  '1e3',
  'run_id',
];
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...SIGNS), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...Array.from('aZ09_@%+=:,./-éβ')), maxLength: 12 }),
);
const places: FilePlaces = {
  pathOf: (reference) => `/in/${reference.slice(8)}`,
  workFolder: '/out',
  outputFolder: '/out',
  projectFolder: '/in',
  runId: '12',
};

function manifestOf(files: string): Manifest {
  const parameters = ['a', 'b', 'c'].map((name) => `  - { name: ${name}, type: string, required: false, maxLength: 32000 }\n`);
  const compiled = compileYaml('p', `command: run\nparameters:\n${parameters.join('')}files:\n${files}`);
  if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
  return compiled;
}

/** What the form makes of three texts: the content of the only file, or who is at fault. */
async function outcome(
  manifest: Manifest,
  [a, b, c]: string[],
): Promise<{ content: string; values: ParameterValues } | { errors: Record<string, string> }> {
  const check = await checkParameters(manifest, { a, b, c }, (reference) => Promise.resolve({ name: reference }));
  if (!check.ok) return { errors: check.errors };
  return { content: renderFiles(manifest, check.values, places)[0].content, values: check.values };
}

const three = fc.tuple(anyText, anyText, anyText);
const typed = (value: string) => value.replaceAll('\r\n', '\n');
/** Those of the texts that no form takes, whatever is made of them. */
const isText = (value: string) => !value.includes('\0') && !/\p{Surrogate}/u.test(value);
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** Each text is written, or its own field says why not; nobody is blamed for the text of another. */
async function holds(
  manifest: Manifest,
  texts: string[],
  isCarried: (value: string) => boolean,
  check: (content: string, kept: string[]) => void,
) {
  const result = await outcome(manifest, texts);
  const blamed = 'errors' in result ? Object.keys(result.errors) : [];
  const expected = ['a', 'b', 'c'].filter((_, index) => !isText(texts[index]) || !isCarried(typed(texts[index])));
  expect(blamed.sort()).toEqual(expected);
  if ('errors' in result) for (const sentence of Object.values(result.errors)) expect(sentence).toMatch(/\.$/);
  else check(result.content, texts.map(typed));
}

const runs = { numRuns: 500 };
const LINE = (more: string) =>
  `  - { path: f, format: lines, ${more}, lines: [{ words: [go.py, '-a={a}', '-b={b}:{b}', '{c}', --end], omitEmpty: true }] }\n`;
const wordsFor = ([a, b, c]: string[]) => ['go.py', ...(a ? [`-a=${a}`] : []), ...(b ? [`-b=${b}:${b}`] : []), ...(c ? [c] : []), '--end'];

/** What POSIX says of words: blanks part them, quotes keep them, and outside of quotes nothing else may stand. */
function tokens(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const sign = line[at];
    if (sign === "'" || sign === '"') {
      const end = line.indexOf(sign, at + 1);
      if (end === -1) throw new Error('a quote is open');
      const inside = line.slice(at + 1, end);
      if (sign === '"' && /[\\$`]/.test(inside)) throw new Error('something is expanded');
      word = (word ?? '') + inside;
      at = end;
    } else if (sign === '\\' && line[at + 1] === "'") {
      word = `${word ?? ''}'`;
      at += 1;
    } else if (sign === ' ') {
      if (word !== null) words.push(word);
      word = null;
    } else if (/[\s"'\\$`;&|<>()[\]{}*?!#~]/.test(sign)) throw new Error(`${sign} stands outside of quotes`);
    else word = (word ?? '') + sign;
  }
  return word === null ? words : [...words, word];
}

/** Every line read by a real shell. */
function byBash(lines: readonly string[]): string[][] {
  const script = lines.map((line) => `show ${line}\n`).join('');
  const output = execFileSync('bash', ['-c', `show() { printf '%s\\0' "$#" "$@"; }\n${script}`], { maxBuffer: 64 * 1024 * 1024 }).toString(
    'utf8',
  );
  const parts = output.split('\0').slice(0, -1);
  const read: string[][] = [];
  for (let at = 0; at < parts.length; at += Number(parts[at]) + 1) read.push(parts.slice(at + 1, at + 1 + Number(parts[at])));
  return read;
}

describe('any text in a file of lines', () => {
  const BARE = /^[\p{L}\p{M}\p{N}_@%+=:,./-]*$/u;
  const carries: Record<string, (value: string) => boolean> = {
    none: (value) => BARE.test(value),
    single: (value) => !CONTROL.test(value) && !value.includes("'"),
    double: (value) => !CONTROL.test(value) && !/["\\$`!]/.test(value),
    shell: (value) => !CONTROL.test(value),
  };

  it.each(Object.keys(carries))('arrives as its own word or is refused, with quotes: %s', async (quote) => {
    const manifest = manifestOf(LINE(`quote: ${quote}`));
    await fc.assert(
      fc.asyncProperty(three, (texts) =>
        holds(manifest, texts, carries[quote], (content, kept) => {
          expect(content.endsWith('\n')).toBe(true);
          const line = content.slice(0, -1);
          expect(line).not.toContain('\n');
          expect(quote === 'none' ? line.split(' ') : tokens(line)).toEqual(wordsFor(kept));
        }),
      ),
      runs,
    );
  });

  it.each(Object.keys(carries))('is read by a real shell as what it is, with quotes: %s', async (quote) => {
    const manifest = manifestOf(LINE(`quote: ${quote}`));
    const samples = fc.sample(three, 1500);
    const kept: string[][] = [];
    const lines: string[] = [];
    for (const texts of samples) {
      const result = await outcome(manifest, texts);
      if (!('content' in result)) continue;
      kept.push(wordsFor(texts.map(typed)));
      lines.push(result.content.trimEnd());
    }
    expect(lines.length).toBeGreaterThan(50);
    expect(byBash(lines)).toEqual(kept);
  });

  it('has a line to itself where it holds blanks, and is no comment and not cut', async () => {
    const manifest = manifestOf(
      `  - { path: f, format: lines, safe: '[^\\\\]', comment: '#', lines: [{ words: ['{a}'] }, { words: ['{b}'] }, { words: ['{c}'] }] }\n`,
    );
    const isCarried = (value: string) => !CONTROL.test(value) && !value.includes('\\') && value === value.trim() && !value.startsWith('#');
    await fc.assert(
      fc.asyncProperty(three, (texts) =>
        holds(manifest, texts, isCarried, (content, kept) => {
          const lines = content.split('\n').map((line) => line.trim());
          expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual(kept.filter((text) => text !== ''));
        }),
      ),
      runs,
    );
  });

  it('cannot be two words of one line, whatever the file says is safe', async () => {
    const manifest = manifestOf(LINE(`safe: '[^]'`));
    await fc.assert(
      fc.asyncProperty(three, (texts) =>
        holds(
          manifest,
          texts,
          (value) => !/[\s\p{Cc}\p{Zl}\p{Zp}]/u.test(value),
          (content, kept) => {
            expect(content.trimEnd().split(' ')).toEqual(wordsFor(kept));
          },
        ),
      ),
      runs,
    );
  });
});

describe('any text in a file of rows', () => {
  const columns = ['a', 'b', 'c'].map((name) => ({ header: name, template: [{ name }] }));
  const table = { name: 't', label: 'T', type: 'table', columns: ['a', 'b', 'c'].map((name) => ({ name, type: 'string' })) };
  const manifestWith = (file: Partial<Extract<ArgumentFile, { format: 'rows' }>>) =>
    ({
      parameters: [table, { name: 'other', type: 'string' }],
      files: [
        {
          path: 'f',
          keep: false,
          format: 'rows',
          rows: ['t'],
          columns,
          header: 'none',
          delimiter: ',',
          quote: 'never',
          comment: '#',
          ...file,
        },
      ],
    }) as unknown as Manifest;
  const rows = fc.array(
    fc.tuple(anyText, anyText, anyText).filter((cells) => cells.every(isText)),
    { minLength: 1, maxLength: 5 },
  );
  const asRow = ([a, b, c]: string[]): Row => Object.fromEntries(Object.entries({ a, b, c }).filter(([, cell]) => cell !== ''));

  it.each([',', ';', '\t'])('is a cell of its own for a reader that splits, trims and skips, or is refused: delimiter %j', (delimiter) => {
    const manifest = manifestWith({ delimiter });
    fc.assert(
      fc.property(rows, (cells) => {
        const values = { t: cells.map(asRow) };
        const errors = fileErrors(manifest, values, places.pathOf);
        const isBad = (cell: string) => CONTROL.test(cell) || cell.includes('"') || cell.includes(delimiter) || cell !== cell.trim();
        const first = cells.findIndex((row) => row.some(isBad) || row[0].startsWith('#'));
        if (first !== -1) return expect(errors['t']).toMatch(new RegExp(`^Row ${first + 1}: [^]*\\.$`));
        expect(errors).toEqual({});
        const read = renderFiles(manifest, values, places)[0]
          .content.split('\n')
          .filter((line) => !line.startsWith('#') && line !== '')
          .map((line) => line.split(delimiter).map((cell) => cell.trim()));
        expect(read).toEqual(cells);
      }),
      runs,
    );
  });

  it.each(['needed', 'always'] as const)('is a cell of its own for any reader of CSV, with quotes: %s', (quote) => {
    const manifest = manifestWith({ quote, header: 'plain' });
    fc.assert(
      fc.property(rows, (cells) => {
        const values = { t: cells.map(asRow), other: 'x' };
        expect(fileErrors(manifest, values, places.pathOf)).toEqual({});
        const { content } = renderFiles(manifest, values, places)[0];
        for (const comment of ['#', '']) {
          const read = parseCsv(content, { record_delimiter: '\n', comment, comment_no_infix: true });
          expect(read).toEqual([['a', 'b', 'c'], ...cells]);
        }
      }),
      runs,
    );
  });
});

describe('any text in a YAML or JSON file', () => {
  const readers: [string, string, (content: string) => unknown][] = [
    ['yaml', '1.2', (content) => parseYaml(content) as unknown],
    ['yaml', '1.1', (content) => parseYaml(content, { version: '1.1' }) as unknown],
    ['json', 'of JavaScript', (content) => JSON.parse(content) as unknown],
  ];

  it.each(readers)('is that text for a reader of %s %s', async (format, _, read) => {
    const manifest = manifestOf(
      `  - { path: f, format: ${format}, value: { no: '{a}', deep: [{ x: '{b}' }, [1, true, null, plain]], mixed: 'before {c} after' } }\n`,
    );
    await fc.assert(
      fc.asyncProperty(three, (texts) =>
        holds(
          manifest,
          texts,
          () => true,
          (content, [a, b, c]) => {
            expect(read(content)).toEqual({
              ...(a ? { no: a } : {}),
              deep: [b ? { x: b } : {}, [1, true, null, 'plain']],
              ...(c ? { mixed: `before ${c} after` } : {}),
            });
          },
        ),
      ),
      runs,
    );
  });

  it.each(readers)('is any number, truth value or list of texts for a reader of %s %s', (format, _, read) => {
    const manifest = {
      parameters: [
        { name: 'n', type: 'number' },
        { name: 'i', type: 'integer' },
        { name: 'y', type: 'boolean' },
        { name: 'l', type: 'list' },
      ],
      files: [
        {
          path: 'f',
          keep: false,
          format,
          omitEmpty: true,
          value: {
            kind: 'map',
            entries: ['n', 'i', 'y', 'l'].map((name) => [name, { kind: 'template', template: [{ name }] }]),
          },
        },
      ],
    } as unknown as Manifest;
    const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1e21, 1e-7, -0, 5e-324, 1.5e300));
    fc.assert(
      fc.property(
        numbers,
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.array(
          anyText.filter((text) => isText(text) && text !== ''),
          { minLength: 1 },
        ),
        (n, i, y, l) => {
          const { content } = renderFiles(manifest, { n: String(n), i: String(i), y, l }, places)[0];
          const found = read(content) as Record<string, unknown>;
          expect({ ...found, n: Number(found['n']) + 0 }).toEqual({ n: n + 0, i, y, l });
        },
      ),
      runs,
    );
  });
});

describe('any name of a file', () => {
  const manifest = manifestWithFiles();
  const name = fc
    .oneof(anyText, fc.constantFrom('-x.tif', '=1+1.tif', 'a\u200fb.tif', 'a\u2028b.c.tif', 'a\nb.tif', ' a .tif', '.tif', 'a,b.tif'))
    .map((text) => Buffer.from(text))
    .filter((bytes) => isEntryName(bytes) && bytes.length < 200);

  it('is written as it is, in parts and as a whole, and lies under it, or is refused beside its field', async () => {
    await fc.assert(
      fc.asyncProperty(name, async (bytes) => {
        const text = bytes.toString('utf8');
        const path = `/in/${text}`;
        const images = formatFileReference('project', [bytes]);
        const check = await checkParameters(manifest, { images: [images] }, () => Promise.resolve({ name: text, path }));
        const isCarried = !CONTROL.test(text);
        expect(check.ok ? [] : Object.keys(check.errors)).toEqual(isCarried ? [] : ['images']);
        if (!check.ok) return;
        const { written, staged } = filesFor(manifest, check.values, { ...places, pathOf: () => path });
        expect(staged.map(({ path: place }) => place)).toEqual([`data/${text}`]);
        expect(JSON.parse(written[0].content)).toEqual({ paths: [path], stems: [text.replace(/(?<=.)\.[^.]*$/su, '')] });
      }),
      runs,
    );
  });
});

function manifestWithFiles(): Manifest {
  const compiled = compileYaml(
    'p',
    `command: run
parameters: [{ name: images, type: files }]
arguments: []
stage: [{ parameter: images, to: data/ }]
files: [{ path: f, format: json, value: { paths: '{images}', stems: '{images.stem}' } }]
`,
  );
  if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
  return compiled;
}
