import { fileInWords } from '../../common/chains/after-run-words';
import type { Manifest, Parameter, ParameterValues } from '../../common/pipelines/manifest';
import type { PipelineDigest } from '../../common/pipelines/pipeline-digest';
import { appliedTo } from '../../common/pipelines/parameters';
import type { Column, Row } from '../../common/pipelines/rich-parameters';
import { noteInWords } from '../../common/queue/note-words';
import type { RunDetails, RunEvent } from '../../common/queue/run.entity';
import { text } from '../../locales/text';
import { stateWord } from '../views/elements';

/** One entered value, as the form named it. */
export interface ParameterView {
  name: string;
  label: string;
  /** Several for a list of files; none for what was left empty. */
  values: string[];
  unit: string;
  /** Whether it differs from what the form offered. */
  changed: boolean;
  /** Whether its values are names of files. */
  isFile: boolean;
  /** Rows of a table, cells as text in the order of its columns; null for all else. */
  table: { columns: string[]; rows: string[][]; more: number } | null;
}

/** One transition of a run. */
export interface EventView {
  atMs: number;
  /** The new state in words, or that another runner took over. */
  what: string;
  attempt: number;
  runner: string | null;
  note: string | null;
}

/** What a stored manifest has for sure; it may be of an older version. */
export type StoredManifest = Partial<Manifest> & { digest?: PipelineDigest };

/** Values of a list and rows of a table that are shown. */
const MOST_VALUES = 100;

/** The parameters of the form that applied, with what was entered, in its order, then values that the form of that time did not know. */
export function parameterViews({ parameters, manifest }: Pick<RunDetails, 'parameters' | 'manifest'>): ParameterView[] {
  const described = (manifest as StoredManifest).parameters ?? [];
  const known = new Set(described.map((parameter) => parameter.name));
  const applied = appliedTo(described, parameters as ParameterValues);
  const others = Object.keys(parameters).filter((name) => !known.has(name));
  return [
    ...described
      .filter(({ name, type }) => applied.has(name) && type !== 'constant')
      .map((parameter) => parameterView(parameter, parameters[parameter.name])),
    ...others.map((name) => ({
      name,
      label: name,
      values: valuesOf(parameters[name]),
      unit: '',
      changed: false,
      isFile: false,
      table: null,
    })),
  ];
}

function parameterView(parameter: Parameter, value: unknown): ParameterView {
  const isFile = parameter.type === 'file' || parameter.type === 'files';
  const table = parameter.type === 'table' ? tableOf(parameter.columns, value) : null;
  const zero = zeroOf(parameter, value);
  const values =
    zero !== null ? [zero] : table ? [text('show.rows', { count: table.rows.length + table.more })] : valuesOf(labelled(parameter, value));
  return {
    name: parameter.name,
    label: parameter.label || parameter.name,
    values: table?.rows.length === 0 ? [] : isFile ? values.map(fileInWords) : shortened(values),
    unit: 'unit' in parameter && values.length > 0 && zero === null ? parameter.unit : '',
    changed: 'default' in parameter && parameter.type !== 'output' && !isOffered(parameter.default, value),
    isFile,
    table: table?.rows.length === 0 ? null : table,
  };
}

/** What a 0 does, where it is no amount; null for all else. */
function zeroOf(parameter: Parameter, value: unknown): string | null {
  if (!('zeroMeans' in parameter) || valuesOf(value).length !== 1) return null;
  return Number(value) === 0 ? (parameter.zeroMeans ?? null) : null;
}

function labelled(parameter: Parameter, value: unknown): unknown {
  if (parameter.type === 'run') return valuesOf(value).map((run) => `#${run}`);
  if (parameter.type !== 'choice' && parameter.type !== 'choices') return value;
  const labels = new Map(parameter.options.map((option) => [option.value, option.label]));
  return [value].flat().map((one) => labels.get(one as string) ?? one);
}

/** The rest of a long list stands in the command. */
function shortened(values: string[]): string[] {
  if (values.length <= MOST_VALUES) return values;
  return [...values.slice(0, MOST_VALUES), text('show.moreValues', { count: values.length - MOST_VALUES })];
}

function tableOf(columns: readonly Column[], value: unknown): NonNullable<ParameterView['table']> {
  const rows = (Array.isArray(value) ? (value as unknown[]) : []).filter((row) => typeof row === 'object' && row !== null) as Row[];
  const shown = rows.slice(0, MOST_VALUES).map((row) => columns.map((column) => cellOf(column, row[column.name])));
  return { columns: columns.map(({ name, label }) => label || name), rows: shown, more: rows.length - shown.length };
}

function cellOf(column: Column, value: unknown): string {
  const texts = valuesOf(column.type === 'boolean' ? value === 'true' : labelled(column, value));
  return (column.type === 'file' ? texts.map(fileInWords) : texts).join(', ');
}

/** An empty field and an absent value are the same, and so are 1.5 and "1.5". */
function isOffered(offered: string | number | boolean | readonly string[] | null, value: unknown): boolean {
  return valuesOf(offered).join() === valuesOf(value).join();
}

function valuesOf(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return [];
  if (Array.isArray(value)) return value.flatMap(valuesOf);
  if (typeof value === 'boolean') return [text(value ? 'show.yes' : 'show.no')];
  return [typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)];
}

export function eventViews(events: readonly RunEvent[]): EventView[] {
  return events.map(({ atMs, fromState, toState, attempt, runnerName, note }) => ({
    atMs,
    what: fromState === toState ? text('show.takenOver') : stateWord(toState),
    attempt,
    runner: runnerName,
    note: noteInWords(note) || null,
  }));
}
