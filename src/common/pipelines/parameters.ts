import { FormConditions, type FormState } from '../../browser/conditions/form-conditions';
import { fileErrors } from './argument-files/render-files';
import { joinErrors } from './arguments';
import { fileFault, filesFault, FoundFiles, MOST_REFERENCE, type FileLookup } from './file-fields';
import type { Manifest, Parameter, ParameterValues } from './manifest';
import { MOST_CELLS } from './manifest-defaults';
import { nameChecks } from './name-rules';
import { needErrors } from './needs';
import { text } from '../../locales/text';
import { checkBoolean, checkChoice, checkNumber, checkOutput, checkString, type Checked } from './plain-fields';
import { isRich, richDefault, richEntered, settleEntries, textsOf, type EnteredValue } from './rich-entries';
import { checkChoices, checkList, checkPick } from './rich-fields';
import type { Row } from './rich-parameters';
import { stepErrors } from './outcome/step-needs';
import { placementErrors } from './slurm-placement';
import { NO_SURROUNDINGS, type Surroundings } from './surroundings';
import { checkTable, type TableFault } from './table-fields';

/** Files that are looked up at once. */
const SIDE_BY_SIDE = 16;

/** What a field holds when the form is drawn again: what was entered, names and files in it found. */
export type Entered = Record<string, string | string[] | Row[]>;

type CheckedValue = { value: ParameterValues[string] | undefined } | TableFault;

export type ParameterCheck = {
  values: ParameterValues;
  entered: Entered;
  /** Names of the parameters that apply; the others are neither checked nor among the values. */
  applies: ReadonlySet<string>;
  /** Names of those that must not stay empty. */
  required: ReadonlySet<string>;
  /** What rules say of the entries as a whole, by the name of the parameter where it is said. */
  broken: Record<'error' | 'warning', Record<string, string>>;
  /** What is wrong in tables, by parameter and then by `<row>.<column>`. */
  cells: Record<string, Record<string, string>>;
} & (
  | { ok: true }
  /** One sentence by parameter name, also by names that the pipeline does not have; `values` holds what is right. */
  | { ok: false; errors: Record<string, string> }
);

/**
 * Checks what was submitted for a pipeline, by parameter name: text as forms send it, or numbers, booleans and lists as an API may.
 * A parameter that was not submitted takes its default; one that does not apply is dropped, whatever was submitted for it. Form encoding turns line ends into CRLF; this is undone, nothing else in a text
 * is changed. What cannot be passed to a program (NUL, text that is not Unicode, more than an argument may hold) is refused.
 */
export async function checkParameters(
  manifest: Pick<Manifest, 'parameters'> &
    Partial<Pick<Manifest, 'runtime' | 'needs' | 'rules' | 'nameRules' | 'arguments' | 'files' | 'stage' | 'runId' | 'steps'>>,
  submitted: Readonly<Record<string, unknown>>,
  lookUp: FileLookup,
  around: Surroundings = NO_SURROUNDINGS,
): Promise<ParameterCheck> {
  const { parameters, rules = [], runtime, needs } = manifest;
  const entered = enteredFor(parameters, submitted);
  await settleEntries(manifest, entered, around);
  const state = new FormConditions(parameters, rules, nameChecks(manifest.nameRules, parameters)).stateOf(entered);
  const { applies, required } = state;
  const broken = sentencesOf(state);
  const values: ParameterValues = {};
  const errors: Record<string, string> = {};
  const found = new FoundFiles(lookUp);
  const cells: ParameterCheck['cells'] = {};
  const checkOne = new ValueCheck(entered, found.lookUp, around);
  for (const parameter of parameters.filter(({ name }) => applies.has(name))) {
    const { name } = parameter;
    const result = await checkOne.of({ ...parameter, required: required.has(name) }, entered[name]);
    if ('cells' in result && result.cells) cells[name] = result.cells;
    if ('error' in result) errors[name] = result.error;
    else if (result.value !== undefined) values[name] = result.value;
  }
  refuseEqualOutputs(parameters, values, errors);
  Object.assign(errors, placementErrors(runtime, values), needErrors(needs, parameters, values));
  Object.assign(errors, joinErrors(manifest.arguments ?? [], parameters, values, found.pathOf), fileErrors(manifest, values, found.pathOf));
  const unmet = await stepErrors(manifest, values, around);
  for (const [name, sentence] of [...Object.entries(broken.error), ...Object.entries(unmet)])
    if (!Object.hasOwn(errors, name)) errors[name] = sentence;
  for (const name of Object.keys(errors)) delete values[name];
  const known = new Set(parameters.map((parameter) => parameter.name));
  for (const name of Object.keys(submitted)) {
    if (!known.has(name)) errors[name] = text('pipelines.unknownParameter', { name: name.slice(0, 80) });
  }
  const check = { values, entered, applies, required, broken, cells };
  return Object.keys(errors).length > 0 ? { ok: false, errors, ...check } : { ok: true, ...check };
}

function enteredFor(parameters: readonly Parameter[], submitted: Readonly<Record<string, unknown>>): Entered {
  const entered: Entered = {};
  for (const parameter of parameters) {
    const given = Object.hasOwn(submitted, parameter.name) ? submitted[parameter.name] : undefined;
    entered[parameter.name] = given === undefined ? defaultEntry(parameter) : asEntered(parameter, given);
  }
  return entered;
}

/** What fields hold of values that were written down as text, numbers, truth values and lists; names that there are not are left out. */
export function asEntries(parameters: readonly Parameter[], given: Readonly<Record<string, unknown>>): Entered {
  const named = parameters.filter(({ name }) => Object.hasOwn(given, name));
  return Object.fromEntries(named.map((parameter) => [parameter.name, asEntered(parameter, given[parameter.name])]));
}

/** Several rules may say something of one field. */
function sentencesOf({ broken, wrongNames }: FormState): ParameterCheck['broken'] {
  const sentences: ParameterCheck['broken'] = { error: {}, warning: {} };
  for (const { at, level, message } of [...broken, ...wrongNames.map((fault) => ({ ...fault, level: 'error' as const }))]) {
    const said = sentences[level];
    said[at] = Object.hasOwn(said, at) ? `${said[at]} ${message}` : message;
  }
  return sentences;
}

/** Names of the parameters that applied to values that were checked once, as those of a run. */
export function appliedTo(parameters: readonly Parameter[], values: ParameterValues): ReadonlySet<string> {
  const entries = parameters.map((parameter): [string, EnteredValue] => {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    return [parameter.name, asEntered(parameter, value ?? '')];
  });
  return new FormConditions(parameters).stateOf(Object.fromEntries(entries)).applies;
}

/** What a field holds before anybody touched it. */
export function defaultEntry(parameter: Parameter): EnteredValue {
  if (isRich(parameter)) return richDefault(parameter);
  if (parameter.type === 'files') return [];
  if (parameter.type === 'file') return '';
  return parameter.default === null ? '' : String(parameter.default);
}

/** Names of the parameters that must not stay empty as long as nothing was changed. */
export function requiredAtFirst(parameters: readonly Parameter[]): ReadonlySet<string> {
  return new FormConditions(parameters).stateOf(enteredFor(parameters, {})).required;
}

/** The entries that show the values of an earlier run again; parameters that it did not know, or that did not apply to it, take their defaults. */
export function entriesOf(manifest: Pick<Manifest, 'parameters'>, earlier: Pick<Manifest, 'parameters'>, values: ParameterValues): Entered {
  const applied = appliedTo(earlier.parameters, values);
  const entries = manifest.parameters.map((parameter): [string, EnteredValue] => {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    if (value === undefined) return [parameter.name, applied.has(parameter.name) ? asEntered(parameter, '') : defaultEntry(parameter)];
    return [parameter.name, asEntered(parameter, value)];
  });
  return Object.fromEntries(entries);
}

function asEntered(parameter: Parameter, given: unknown): EnteredValue {
  if (isRich(parameter)) return richEntered(parameter, given);
  if (parameter.type === 'files') return textsOf(given).filter((reference) => reference !== '');
  // A check box sends its hidden "false" first and its "true" after it.
  const last = Array.isArray(given) ? (given as unknown[]).at(-1) : given;
  return textsOf(last)[0] ?? '';
}

/** Checks values, each by its type. */
class ValueCheck {
  private readonly found = new Map<string, ReturnType<FileLookup>>();

  constructor(
    private readonly entered: Entered,
    private readonly lookUpAnew: FileLookup,
    private readonly around: Surroundings,
  ) {}

  async of(parameter: Parameter, entry: EnteredValue): Promise<CheckedValue> {
    if (parameter.type === 'table') {
      await this.lookUpAll(parameter, entry);
      return checkTable(parameter, entry, (column, cell) => this.one(column, cell));
    }
    return this.one(parameter, typeof entry === 'string' ? entry : entry.filter((one) => typeof one === 'string'));
  }

  /** The many files of a table are looked up side by side. */
  private async lookUpAll({ columns }: Extract<Parameter, { type: 'table' }>, entry: EnteredValue): Promise<void> {
    const rows = typeof entry === 'string' ? [] : entry.filter((row) => typeof row !== 'string');
    const names = columns.filter(({ type }) => type === 'file').map(({ name }) => name);
    const references = [...new Set(rows.flatMap((row) => names.map((name) => row[name])))].filter(
      (one) => typeof one === 'string' && one !== '',
    );
    for (let from = 0; from < Math.min(references.length, MOST_CELLS); from += SIDE_BY_SIDE) {
      await Promise.all(
        references.slice(from, from + SIDE_BY_SIDE).map((reference) => this.lookUp(String(reference).slice(0, MOST_REFERENCE))),
      );
    }
  }

  private readonly lookUp: FileLookup = (reference) => {
    const found = this.found.get(reference) ?? this.lookUpAnew(reference);
    this.found.set(reference, found);
    return found;
  };

  private async one(parameter: Parameter, entry: string | string[]): Promise<Checked> {
    if (parameter.type === 'files') return this.files(parameter, [entry].flat());
    if (parameter.type === 'choices') return checkChoices(parameter, [entry].flat());
    if (parameter.type === 'list') return checkList(parameter, entry);
    if (parameter.type === 'pick') return checkPick(parameter, entry, await this.around.names(parameter.from, this.entered));
    if (Array.isArray(entry) || parameter.type === 'table') return { error: text('pipelines.oneValue') };
    if (parameter.type === 'file') return asChecked(entry, await fileFault(parameter, entry, this.lookUp));
    if (parameter.type === 'run') {
      return asChecked(entry, entry === '' ? emptyFault(parameter) : await this.around.runFault(parameter, entry));
    }
    if (parameter.type !== 'constant') return checkPlain(parameter, entry);
    return entry === parameter.default ? { value: entry } : { error: text('pipelines.fixedValue') };
  }

  private async files(parameter: Extract<Parameter, { type: 'files' }>, references: string[]): Promise<Checked> {
    const error = await filesFault(parameter, references, this.lookUp);
    return error ? { error } : { value: references.length === 0 ? undefined : references };
  }
}

function asChecked(entry: string, error: string | undefined): Checked {
  return error ? { error } : { value: entry === '' ? undefined : entry };
}

function emptyFault({ required }: Parameter): string | undefined {
  return required ? text('pipelines.chooseOne') : undefined;
}

function checkPlain(
  parameter: Extract<Parameter, { type: 'string' | 'text' | 'integer' | 'number' | 'boolean' | 'choice' | 'output' }>,
  entry: string,
): Checked {
  switch (parameter.type) {
    case 'string':
    case 'text':
      return checkString(parameter, entry.replaceAll('\r\n', '\n'));
    case 'integer':
    case 'number':
      return checkNumber(parameter, entry);
    case 'boolean':
      return checkBoolean(entry);
    case 'choice':
      return checkChoice(parameter, entry);
    case 'output':
      return checkOutput(parameter, entry);
  }
}

function refuseEqualOutputs(parameters: readonly Parameter[], values: ParameterValues, errors: Record<string, string>): void {
  const taken = new Set<unknown>();
  for (const { name, type } of parameters) {
    if (type !== 'output' || values[name] === undefined) continue;
    if (taken.has(values[name])) errors[name] = text('pipelines.outputTaken');
    taken.add(values[name]);
  }
}
