import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileScript } from '../../../src/common/pipelines/annotated-script';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import { knownFields } from '../../../src/common/pipelines/schema-fields';
import { COLUMN_TYPES } from '../../../src/common/pipelines/rich-parameters';
import { codeIn, type Row } from '../../../src/pipeline/schema/doc-tables';
import { fieldsBelow, rowsUnder, tells } from './field-docs';
import icons from '../../../src/browser/icons.json';

const HOME = resolve(__dirname, '..', '..', '..');
const docs = readFileSync(join(HOME, 'docs', 'pipelines.md'), 'utf8');
const blocks = (language: string) => [...docs.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map((match) => match[1]);

/** Where the fields of a block are documented; those of '' stand at the top of the file. */
const PLACES: [prefix: string, file: string, heading: string][] = [
  ['', 'pipelines.md', 'A folder with `pipeline.yaml`'],
  ['docker', 'docker.md', 'Pipelines in containers'],
  ['compose', 'docker.md', 'A service of a compose file'],
  ['handoff', 'handoff.md', 'Handing runs over to a launcher on the host'],
  ['slurm', 'pipelines.md', 'On a Slurm cluster'],
  ['files', 'pipelines.md', 'Files for the program'],
  ['stage', 'pipelines.md', 'Inputs in the working folder'],
  ['nameRules', 'pipelines.md', 'Rules for names'],
  ['steps', 'pipelines.md', 'Steps and rows'],
  ['outcome.rows', 'pipelines.md', 'Rows'],
  ['outputs', 'pipelines.md', 'Results on the page'],
  ['views', 'pipelines.md', 'Images in layers'],
];
/** Documented at places of their own. */
const ELSEWHERE =
  /^(?:docker|compose|handoff|slurm|parameters|arguments|files|stage|nameRules|steps|outputs|views|outcome\.rows|samples|sources|needs\.\w+)\./;

const TYPES = [
  'string',
  'text',
  'integer',
  'number',
  'boolean',
  'choice',
  'choices',
  'list',
  'pick',
  'file',
  'files',
  'output',
  'table',
  'run',
  'constant',
];

function fieldsAt(prefix: string): string[] {
  if (prefix === '') return fieldsBelow({}).filter((field) => !ELSEWHERE.test(field));
  // A block, or a list of them. Words of lines are told as arguments are.
  const path = prefix.split('.');
  const fields = [...fieldsBelow({}, path), ...fieldsBelow({}, [...path, 0])].map((field) => field.slice(prefix.length + 1));
  return [...new Set(fields)].filter((field) => !field.startsWith('lines.words.'));
}

/** By a row of its own, by rows of all that it holds, or by name in the row of the field that holds it. */
function isTold(rows: readonly Row[], field: string): boolean {
  if (rows.some(({ names }) => names.some((name) => name === field || name.startsWith(`${field}.`)))) return true;
  const at = field.lastIndexOf('.');
  return at !== -1 && rows.some((row) => row.names.includes(field.slice(0, at)) && tells(row, field.slice(at + 1)));
}

/** The types that a row of the parameters, or of the columns of tables, is about. A constant has nothing that the form would show. */
function typesOf(cell: string, types: readonly string[]): readonly string[] {
  if (cell === 'every') return types;
  if (cell === 'all') return types.filter((type) => type !== 'constant');
  const without = /^all but (\w+?)s?$/.exec(cell)?.[1];
  return without === undefined ? codeIn(cell) : types.filter((type) => type !== without);
}

describe('docs/pipelines.md', () => {
  it('shows a script and a manifest that work', () => {
    const [script] = blocks('sh');
    const compiled = compileScript({ id: 'blur', command: ['./blur.sh'], head: script, prefix: '##~~' });
    expect(compiled).toMatchObject({
      title: 'Blur',
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'sigma', unit: 'px' })]),
    });
    const [manifest] = blocks('yaml');
    expect(compileYaml('blur', manifest)).toMatchObject({ title: 'Blur', outputs: [{ glob: '*.png', kind: 'image' }] });
  });

  it.each(blocks('yaml'))('shows manifests without faults: %s', (manifest) => {
    expect(compileYaml('shown', manifest)).toMatchObject({ id: 'shown' });
  });

  describe('documents each field at its own place', () => {
    it.each(PLACES)('of the block "%s"', (prefix, file, heading) => {
      const rows = rowsUnder(file, heading);
      const fields = fieldsAt(prefix);
      expect(fields.length).toBeGreaterThan(1);
      expect(fields.filter((field) => !isTold(rows, field))).toEqual([]);
      // Nothing is documented that there is not.
      expect(rows.flatMap(({ names }) => names).filter((name) => !fields.includes(name))).toEqual([]);
    });

    it('a need that is computed from the form', () => {
      const fields = [...new Set(['cpu', 'memory', 'gpus'].flatMap((need) => knownFields({}, ['needs', need])))];
      expect(rowsUnder('pipelines.md', 'What a run needs').flatMap(({ names }) => names)).toEqual(fields);
    });

    it.each(TYPES)('of a parameter of the type %s', (type) => {
      const rows = rowsUnder('pipelines.md', 'Parameters');
      const fields = fieldsBelow({ parameters: [{ type }] }, ['parameters', 0]).map((field) => field.replace('parameters.', ''));
      expect(fields.length).toBeGreaterThan(3);
      const told = rows.filter(({ cells }) => typesOf(cells[0], TYPES).includes(type));
      expect(fields.filter((field) => !isTold(told, field))).toEqual([]);
      expect(told.flatMap(({ names }) => names).filter((name) => !fields.includes(name))).toEqual([]);
    });

    it.each(COLUMN_TYPES)('of a column of the type %s', (type) => {
      const rows = rowsUnder('pipelines.md', 'Tables').filter(({ cells }) => typesOf(cells[0], COLUMN_TYPES).includes(type));
      const fields = knownFields({ parameters: [{ type: 'table', columns: [{ type }] }] }, ['parameters', 0, 'columns', 0]);
      expect(fields.length).toBeGreaterThan(6);
      expect([...new Set(rows.flatMap(({ names }) => names))].sort()).toEqual([...fields].sort());
    });

    it('of a source and of a section', () => {
      const named = (heading: string) => rowsUnder('pipelines.md', heading).flatMap(({ names }) => names);
      expect(named('Sources').sort()).toEqual([...new Set(knownFields({}, ['sources', 'x']))].sort());
      expect(named('Sections')).toEqual(knownFields({}, ['sections', 0]));
    });

    it('of a rule', () => {
      const told = rowsUnder('pipelines.md', 'Conditions and rules').flatMap(({ names }) => names);
      expect(told.slice(0, 4)).toEqual(knownFields({}, ['rules', 0]));
    });

    it('of a sample', () => {
      const fields = fieldsBelow({}, ['samples', 0]).map((field) => field.replace('samples.', ''));
      const told = rowsUnder('pipelines.md', 'Samples').flatMap(({ names }) => names);
      expect(told.toSorted()).toEqual(fields.filter((field) => field !== 'expect').toSorted());
    });

    it('of an argument', () => {
      const code = rowsUnder('pipelines.md', 'Arguments').flatMap(({ names }) => names.filter((name) => name.startsWith('{ ')));
      const told = new Set(code.flatMap((entry) => [...entry.matchAll(/(\w+):/g)].map(([, name]) => name)));
      expect(knownFields({}, ['arguments', 0]).filter((field) => !told.has(field))).toEqual([]);
    });
  });

  it('is not fooled by a field that is only mentioned, or documented elsewhere', () => {
    const rows = [{ names: ['limits.time'], cells: ['see `priority`, or `outputs`', ''] }];
    expect(['priority', 'outputs', 'limits.time', 'limits', 'limits.parallel', 'needs'].map((field) => isTold(rows, field))).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(isTold([{ names: ['outputs'], cells: ['`glob`, `kind`', ''] }], 'outputs.glob')).toBe(true);
    expect(isTold([{ names: ['outputs'], cells: ['`globs`', ''] }], 'outputs.glob')).toBe(false);
  });

  it('names icons that there are', () => {
    for (const name of ['nuclei/pipeline.yaml', 'fasta-stats.sh']) {
      const icon = /icon: (\S+)/.exec(readFileSync(join(HOME, 'config', 'pipelines', name), 'utf8'))?.[1];
      expect(icons.icons).toContain(icon);
    }
  });
});

describe('docs/handoff.md', () => {
  const handoff = readFileSync(join(HOME, 'docs', 'handoff.md'), 'utf8');

  it('shows a manifest that works, for one run at a time', () => {
    const [manifest = ''] = [...handoff.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1]);
    expect(compileYaml('pipex', manifest)).toMatchObject({
      runtime: { kind: 'handoff', argsFile: 'pipex_batch_list.txt', pickUpSeconds: 600, form: 'line' },
      limits: { parallel: 1 },
    });
  });
});
