import { FormConditions, type FormState } from '../../browser/conditions/form-conditions';
import { fileErrors } from './argument-files/render-files';
import { joinErrors } from './arguments';
import { fileFault, filesFault, FoundFiles, type FileLookup } from './file-fields';
import type { Manifest, Parameter, ParameterValues } from './manifest';
import { needErrors } from './needs';
import { text } from '../../locales/text';
import { checkBoolean, checkChoice, checkNumber, checkOutput, checkString, type Checked } from './plain-fields';
import { placementErrors } from './slurm-placement';

/** What a field holds when the form is drawn again: exactly what was entered. */
export type Entered = Record<string, string | string[]>;

export type ParameterCheck = {
  values: ParameterValues;
  entered: Entered;
  /** Names of the parameters that apply; the others are neither checked nor among the values. */
  applies: ReadonlySet<string>;
  /** Names of those that must not stay empty. */
  required: ReadonlySet<string>;
  /** What rules say of the entries as a whole, by the name of the parameter where it is said. */
  broken: Record<'error' | 'warning', Record<string, string>>;
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
    Partial<Pick<Manifest, 'runtime' | 'needs' | 'rules' | 'arguments' | 'files' | 'stage' | 'runId'>>,
  submitted: Readonly<Record<string, unknown>>,
  lookUp: FileLookup,
): Promise<ParameterCheck> {
  const { parameters, rules = [], runtime, needs } = manifest;
  const entered = enteredFor(parameters, submitted);
  const { applies, required, broken: rulesBroken } = new FormConditions(parameters, rules).stateOf(entered);
  const broken = sentencesOf(rulesBroken);
  const values: ParameterValues = {};
  const errors: Record<string, string> = {};
  const found = new FoundFiles(lookUp);
  for (const parameter of parameters.filter(({ name }) => applies.has(name))) {
    const { name } = parameter;
    const result = await checkOne({ ...parameter, required: required.has(name) }, entered[name], found.lookUp);
    if ('error' in result) errors[name] = result.error;
    else if (result.value !== undefined) values[name] = result.value;
  }
  refuseEqualOutputs(parameters, values, errors);
  Object.assign(errors, placementErrors(runtime, values), needErrors(needs, parameters, values));
  Object.assign(errors, joinErrors(manifest.arguments ?? [], parameters, values, found.pathOf), fileErrors(manifest, values, found.pathOf));
  for (const [name, sentence] of Object.entries(broken.error)) if (!Object.hasOwn(errors, name)) errors[name] = sentence;
  for (const name of Object.keys(errors)) delete values[name];
  const known = new Set(parameters.map((parameter) => parameter.name));
  for (const name of Object.keys(submitted)) {
    if (!known.has(name)) errors[name] = text('pipelines.unknownParameter', { name: name.slice(0, 80) });
  }
  const check = { values, entered, applies, required, broken };
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

/** Several rules may say something of one field. */
function sentencesOf(broken: FormState['broken']): ParameterCheck['broken'] {
  const sentences: ParameterCheck['broken'] = { error: {}, warning: {} };
  for (const { at, level, message } of broken) {
    const said = sentences[level];
    said[at] = Object.hasOwn(said, at) ? `${said[at]} ${message}` : message;
  }
  return sentences;
}

/** Names of the parameters that applied to values that were checked once, as those of a run. */
export function appliedTo(parameters: readonly Parameter[], values: ParameterValues): ReadonlySet<string> {
  const entries = parameters.map((parameter): [string, string | string[]] => {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    return [parameter.name, asEntered(parameter, value ?? '')];
  });
  return new FormConditions(parameters).stateOf(Object.fromEntries(entries)).applies;
}

/** What a field holds before anybody touched it. */
export function defaultEntry(parameter: Parameter): string | string[] {
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
  const entries = manifest.parameters.map((parameter): [string, string | string[]] => {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    if (value === undefined) return [parameter.name, applied.has(parameter.name) ? asEntered(parameter, '') : defaultEntry(parameter)];
    return [parameter.name, asEntered(parameter, value)];
  });
  return Object.fromEntries(entries);
}

function asEntered(parameter: Parameter, given: unknown): string | string[] {
  if (parameter.type === 'files') return asTexts(given).filter((reference) => reference !== '');
  // A check box sends its hidden "false" first and its "true" after it.
  const last = Array.isArray(given) ? (given as unknown[]).at(-1) : given;
  return asTexts(last)[0] ?? '';
}

function asTexts(given: unknown): string[] {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  return list.map((item) => (typeof item === 'string' ? item : typeof item === 'number' || typeof item === 'boolean' ? String(item) : ''));
}

async function checkOne(parameter: Parameter, entry: string | string[], lookUp: FileLookup): Promise<Checked> {
  if (Array.isArray(entry) || parameter.type === 'files') {
    const references = [entry].flat();
    const error = parameter.type === 'files' ? await filesFault(parameter, references, lookUp) : text('pipelines.oneValue');
    return error ? { error } : { value: references.length === 0 ? undefined : references };
  }
  if (parameter.type === 'file') {
    const error = await fileFault(parameter, entry, lookUp);
    return error ? { error } : { value: entry === '' ? undefined : entry };
  }
  return checkPlain(parameter, entry);
}

function checkPlain(parameter: Exclude<Parameter, { type: 'file' | 'files' }>, entry: string): Checked {
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
