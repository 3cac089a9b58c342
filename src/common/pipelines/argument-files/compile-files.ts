import { text } from '../../../locales/text';
import { compileArgument } from '../argument-templates';
import { expressionFault } from '../condition-faults';
import type { Parameter } from '../manifest';
import { nearestName } from '../names';
import type { ArgumentFile, DocumentNode, FileLine, LineWord, RowsFile, Staging, Template, WorkFolderRules } from './argument-file';
import type { FileFields, StagingFields, WorkFolderFields } from './file-schema';
import { isFile, type Described } from './scope';
import { isValuePart, parseTemplate, type KnownNames } from './templates';

/** A field at fault, and what is wrong with it. */
export type Report = (path: PropertyKey[], sentence: string) => void;

/** What quotes of a file of lines cannot hold, also where the manifest itself says it. */
const UNQUOTABLE = { none: null, single: /'/, double: /["\\$`!]/, shell: null } as const;

/** Reads `files`, `stage`, `runId`, `before` and `after`. @param report takes each fault. */
export function compileFiles(fields: WorkFolderFields, parameters: readonly Parameter[], report: Report): WorkFolderRules {
  const { files, stage, runId, before, after } = fields;
  const compiled = files?.map((file, index) => compileFile(file, parameters, below(report, 'files', index)));
  refuseEqualPaths(fields, report);
  const staged = stage?.flatMap((one, index) => compileStaging(one, parameters, below(report, 'stage', index)));
  return {
    ...(compiled && { files: compiled }),
    ...(staged && { stage: staged }),
    ...(runId && { runId }),
    ...(before && { before }),
    ...(after && { after }),
  };
}

/** Takes faults of something that lies at `place`. */
export function below(report: Report, ...place: PropertyKey[]): Report {
  return (path, fault) => report([...place, ...path], fault);
}

function refuseEqualPaths({ files = [], stage = [], runId }: WorkFolderFields, report: Report): void {
  const paths = [...files.map(({ path }) => path), ...(runId && 'file' in runId ? [runId.file] : [])];
  for (const [index, { to }] of stage.entries()) {
    const inFile = paths.find((path) => to.startsWith(`${path}/`));
    if (inFile !== undefined) report(['stage', index, 'to'], text('rendering.pathTwice', { path: inFile }));
  }
  for (const [index, path] of paths.entries()) {
    const isTaken = paths.slice(0, index).some((other) => other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`));
    if (isTaken) report(index < files.length ? ['files', index, 'path'] : ['runId', 'file'], text('rendering.pathTwice', { path }));
  }
}

function compileFile(file: FileFields, parameters: readonly Parameter[], report: Report): ArgumentFile {
  switch (file.format) {
    case 'lines':
      return {
        ...file,
        lines: file.lines.map((line, index) => compileLine(line, file.quote, parameters, below(report, 'lines', index))),
      };
    case 'rows':
      return { ...file, ...compileRows(file, parameters, report) };
    case 'yaml':
    case 'json':
      return { ...file, value: compileNode(file.value, parameters, below(report, 'value')) };
  }
}

type LineFields = Extract<FileFields, { format: 'lines' }>['lines'][number];

function compileLine(
  { when, words, omitEmpty }: LineFields,
  quote: keyof typeof UNQUOTABLE,
  parameters: readonly Parameter[],
  report: Report,
): FileLine {
  const fault = when === undefined ? undefined : expressionFault(when, parameters);
  if (fault !== undefined) report(['when'], fault);
  const compiled = words.flatMap((entry, index): LineWord[] => {
    const word = compileWord(entry, parameters);
    const wrong = typeof word === 'string' ? word : unquotable(word, quote);
    if (wrong !== undefined) report(['words', index], wrong);
    return typeof word === 'string' ? [] : [word];
  });
  return { ...(when !== undefined && { when }), words: compiled, omitEmpty };
}

/** Unlike an argument, a word may hold several values: what separates words is never among what a value may hold. */
function compileWord(entry: LineFields['words'][number], parameters: readonly Parameter[]): LineWord | string {
  if (typeof entry === 'string') {
    const template = checkedTemplate(entry, parameters, namesOf(parameters));
    return typeof template === 'string' ? template : { template, ...(isList(template, parameters) && { each: true }) };
  }
  const part = compileArgument(entry, parameters);
  if (typeof part === 'string') return part;
  if (part.kind === 'boolean') return { boolean: part.parameter, whenTrue: part.whenTrue, whenFalse: part.whenFalse };
  if (part.kind === 'literal') return { template: [part.value] };
  const { flag, style } = part;
  const start = flag !== null && style === 'equals' ? [`${flag}=`] : [];
  const before = flag !== null && style === 'separate' ? { flag } : {};
  if (part.kind === 'outputFolder') return { ...before, template: [...start, { place: 'outputFolder' }] };
  if (part.kind === 'template') return { ...before, template: [...start, ...part.template] };
  const table = tableFault(part.parameter, parameters);
  if (table !== undefined) return table;
  const value = { name: part.parameter, ...(part.join !== undefined && { join: part.join }) };
  const isEach = start.length === 0 && part.join === undefined && isList([value], parameters);
  return { ...before, template: [...start, value], ...(isEach && { each: true }), ...(part.keepEmpty && { keepEmpty: true }) };
}

function unquotable(word: LineWord, quote: keyof typeof UNQUOTABLE): string | undefined {
  const texts =
    'boolean' in word
      ? [word.whenTrue, word.whenFalse]
      : [word.flag ?? null, ...word.template.map((part) => (typeof part === 'string' ? part : null))];
  const bad = texts.find((one) => one !== null && (UNQUOTABLE[quote]?.test(one) || /[\r\n]/.test(one)));
  return typeof bad === 'string' ? text('rendering.textNotInQuotes', { text: bad.slice(0, 80) }) : undefined;
}

function compileRows(
  file: Extract<FileFields, { format: 'rows' }>,
  parameters: readonly Parameter[],
  report: Report,
): Pick<RowsFile, 'rows' | 'columns'> {
  const known = new Map(namesOf(parameters));
  for (const [index, name] of file.rows.entries()) {
    const source: Described | undefined = parameters.find((parameter) => parameter.name === name);
    if (!source || !isManyValued(source))
      report(['rows', ...(file.rows.length > 1 ? [index] : [])], unknown(name, parameters, 'rendering.rowsOf'));
    for (const column of source?.columns ?? []) known.set(column.name, { isFile: isFile(column) });
  }
  if (file.header === 'comment' && file.comment === '') report(['header'], text('rendering.noComment'));
  if (/["\r\n\w]/.test(file.delimiter)) report(['delimiter'], text('rendering.badDelimiter'));
  const columns = file.columns.map(({ header, value }, index) => {
    const template = checkedTemplate(value, parameters, known);
    if (typeof template === 'string') report(['columns', index, 'value'], template);
    if (file.header !== 'none' && file.quote === 'never' && (header.includes(file.delimiter) || /["\r\n]/.test(header))) {
      report(['columns', index, 'header'], text('rendering.badHeader'));
    }
    return { header, template: typeof template === 'string' ? [] : template };
  });
  return { rows: file.rows, columns };
}

function compileNode(value: unknown, parameters: readonly Parameter[], report: Report): DocumentNode {
  if (typeof value === 'string') {
    const template = parseTemplate(value, namesOf(parameters));
    if (typeof template === 'string') report([], template);
    return { kind: 'template', template: typeof template === 'string' ? [] : template };
  }
  if (Array.isArray(value)) {
    return {
      kind: 'list',
      items: value.map((item, index) => compileNode(item, parameters, below(report, index))),
    };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'literal', value: value as null | number | boolean };
  const entries = Object.entries(value).map(([key, inner]): [string, DocumentNode] => {
    return [key, compileNode(inner, parameters, below(report, key))];
  });
  return { kind: 'map', entries };
}

function compileStaging(staging: StagingFields, parameters: readonly Parameter[], report: Report): Staging[] {
  const compiled = 'run' in staging ? ofRun(staging, parameters) : ofFiles(staging, parameters);
  if (!Array.isArray(compiled)) return [compiled];
  report(...compiled);
  return [];
}

type Fault = Parameters<Report>;

function ofRun({ run, globs, to }: Extract<StagingFields, { run: string }>, parameters: readonly Described[]): Staging | Fault {
  const source = parameters.find(({ name }) => name === run);
  if ((source?.type as string | undefined) !== 'run') return [['run'], unknown(run, parameters, 'rendering.runOf')];
  return { kind: 'run', parameter: run, globs, to };
}

function ofFiles(staging: Extract<StagingFields, { parameter: string }>, parameters: readonly Described[]): Staging | Fault {
  const { parameter: name, column = null, to, as } = staging;
  const source = parameters.find((parameter) => parameter.name === name);
  const columns = source?.columns ?? [];
  const holder = column === null ? source : columns.find((one) => one.name === column);
  if (!holder || !isFile(holder)) {
    return [
      [column === null ? 'parameter' : 'column'],
      unknown(column ?? name, column === null ? parameters : columns, 'rendering.filesOf'),
    ];
  }
  const own = ['stem', 'ext', 'name', 'index'].map((one): [string, { isFile: boolean }] => [one, { isFile: false }]);
  const template = parseTemplate(staging.name, new Map([...namesOf(parameters), ...namesOf(columns), ...own]));
  if (typeof template === 'string') return [['name'], template];
  if (template.some((part) => typeof part === 'object' && 'place' in part)) return [['name'], text('rendering.placeInName')];
  return { kind: 'files', parameter: name, column, to, name: template, as };
}

/** A template that becomes text, which the rows of a table cannot. */
export function checkedTemplate(source: string, parameters: readonly Parameter[], known: KnownNames): Template | string {
  const template = parseTemplate(source, known);
  if (typeof template === 'string') return template;
  const columns = new Set(known.keys());
  for (const { name } of parameters) columns.delete(name);
  const faults = template.map((part) => (isValuePart(part) && !columns.has(part.name) ? tableFault(part.name, parameters) : undefined));
  return faults.find((fault) => fault !== undefined) ?? template;
}

function tableFault(name: string, parameters: readonly Described[]): string | undefined {
  const isTable = parameters.some((parameter) => parameter.name === name && parameter.columns !== undefined);
  return isTable ? text('rendering.tableInText', { name }) : undefined;
}

export function namesOf(parameters: readonly Described[]): KnownNames {
  return new Map(parameters.map((parameter) => [parameter.name, { isFile: isFile(parameter) }]));
}

function unknown(
  name: string,
  known: readonly { name: string }[],
  key: 'rendering.rowsOf' | 'rendering.filesOf' | 'rendering.runOf',
): string {
  const meant = nearestName(
    name,
    known.map((one) => one.name).filter((one) => one !== name),
  );
  const sentence = text(key, { name });
  return meant ? `${sentence} ${text('rendering.meant', { meant })}` : sentence;
}

const MANY = new Set<string>(['files', 'choices', 'list', 'table']);

export function isManyValued(described: Described): boolean {
  return MANY.has(described.type) || ('many' in described && described.many === true);
}

/** Whether a template is nothing but a list. */
function isList(template: Template, parameters: readonly Described[]): boolean {
  const [only] = template;
  const described = isValuePart(only) ? parameters.find(({ name }) => name === only.name) : undefined;
  return template.length === 1 && described !== undefined && isManyValued(described);
}
