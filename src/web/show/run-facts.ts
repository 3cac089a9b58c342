import type { Manifest, Parameter, ParameterValues } from '../../common/pipelines/manifest';
import { appliedTo } from '../../common/pipelines/parameters';
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
export type StoredManifest = Partial<Manifest>;

const FILE_SOURCE = /^(?:project|inbox|own):/;

/** The parameters of the form that applied, with what was entered, in its order, then values that the form of that time did not know. */
export function parameterViews({ parameters, manifest }: Pick<RunDetails, 'parameters' | 'manifest'>): ParameterView[] {
  const described = (manifest as StoredManifest).parameters ?? [];
  const known = new Set(described.map((parameter) => parameter.name));
  const applied = appliedTo(described, parameters as ParameterValues);
  const others = Object.keys(parameters).filter((name) => !known.has(name));
  return [
    ...described.filter(({ name }) => applied.has(name)).map((parameter) => parameterView(parameter, parameters[parameter.name])),
    ...others.map((name) => ({ name, label: name, values: valuesOf(parameters[name]), unit: '', changed: false })),
  ];
}

function parameterView(parameter: Parameter, value: unknown): ParameterView {
  const isFile = parameter.type === 'file' || parameter.type === 'files';
  const values = valuesOf(parameter.type === 'choice' ? labelOfChoice(parameter, value) : value);
  return {
    name: parameter.name,
    label: parameter.label || parameter.name,
    values: isFile ? values.map((one) => one.replace(FILE_SOURCE, '')) : values,
    unit: 'unit' in parameter && values.length > 0 ? parameter.unit : '',
    changed: 'default' in parameter && parameter.type !== 'output' && !isOffered(parameter.default, value),
  };
}

function labelOfChoice(parameter: Extract<Parameter, { type: 'choice' }>, value: unknown): unknown {
  return parameter.options.find((option) => option.value === value)?.label ?? value;
}

/** An empty field and an absent value are the same, and so are 1.5 and "1.5". */
function isOffered(offered: string | number | boolean | null, value: unknown): boolean {
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
    note,
  }));
}
