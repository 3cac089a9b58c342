import { accepts, namedEndings } from '../../common/pipelines/accept';
import type { Parameter } from '../../common/pipelines/manifest';
import { showEntryName } from '../../common/files/entry-name';
import { parseFileReference } from '../../common/files/file-references';
import { text } from '../../locales/text';
import { formatBytes } from '../../browser/amounts';
import type { FileChoice } from './input-files';

/** How one parameter is drawn. */
export interface FieldView {
  kind: 'line' | 'lines' | 'box' | 'choice' | 'file' | 'files';
  /** Of the input element. */
  name: string;
  id: string;
  label: string;
  help: string;
  /** What stands behind the label: range and unit, or that it may stay empty. */
  measure: string;
  error: string | undefined;
  /** Whether rules may speak here; what those say that are broken. */
  hasRules: boolean;
  ruleError: string | undefined;
  ruleWarning: string | undefined;
  isWrong: boolean;
  required: boolean;
  /** Said where it may stay empty only under a condition; undefined elsewhere. */
  optionalWord: string | undefined;
  /** Whether it applies under a condition only. */
  isConditional: boolean;
  /** Ids of help, error and rules for `aria-describedby`; undefined when there are none. */
  describedBy: string | undefined;
  value: string;
  inputMode: 'text' | 'numeric' | 'decimal';
  rows: number;
  maxLength: number;
  checked: boolean;
  groups: OptionGroup[];
  /** Said in the place of an empty choice. */
  nothing: string;
  /** Why there is no file to choose; undefined where there is one. */
  noFiles: string | undefined;
}

export interface OptionGroup {
  /** '' for options that stand alone. */
  label: string;
  options: { value: string; label: string; detail: string; selected: boolean }[];
}

/** Fields of parameters are named apart from those of the form itself. */
export const FIELD_PREFIX = 'p.';

const LONGEST_LINE = 4000;

/** What is said at a field. */
export type FieldRemarks = Pick<FieldView, 'error' | 'hasRules' | 'ruleError' | 'ruleWarning'>;

/** @param entry what the field holds: as it was entered, or the default. @param isRequired as things are. */
export function fieldView(
  parameter: Parameter,
  entry: string | readonly string[],
  isRequired: boolean,
  remarks: FieldRemarks,
  files: readonly FileChoice[],
): FieldView {
  const { name, label, help, required, when, requiredWhen } = parameter;
  const id = `p-${name}`;
  const parts = { error: remarks.error !== undefined, rule: remarks.hasRules, help: help !== '' };
  const described = Object.entries(parts)
    .flatMap(([part, isThere]) => (isThere ? [`${id}-${part}`] : []))
    .join(' ');
  const value = typeof entry === 'string' ? entry : '';
  return {
    kind: kindOf(parameter, value),
    name: `${FIELD_PREFIX}${name}`,
    id,
    label,
    help,
    measure: measureOf(parameter),
    ...remarks,
    isWrong: remarks.error !== undefined || remarks.ruleError !== undefined,
    required: required || isRequired,
    optionalWord: requiredWhen === undefined || hasDefault(parameter) ? undefined : text('run.optional'),
    isConditional: when !== undefined,
    describedBy: described === '' ? undefined : described,
    value,
    inputMode: parameter.type === 'integer' ? 'numeric' : parameter.type === 'number' ? 'decimal' : 'text',
    rows: parameter.type === 'text' ? parameter.rows : 3,
    maxLength: 'maxLength' in parameter ? parameter.maxLength : LONGEST_LINE,
    checked: /^(true|on|yes|1)$/i.test(value.trim()),
    ...choicesOf(parameter, [entry].flat(), files),
  };
}

/** A text of one line that holds line ends (from another program) would lose them in an input of one line. */
function kindOf(parameter: Parameter, value: string): FieldView['kind'] {
  switch (parameter.type) {
    case 'text':
      return 'lines';
    case 'boolean':
      return 'box';
    case 'choice':
    case 'file':
    case 'files':
      return parameter.type;
    case 'string':
      return /[\r\n]/.test(value) ? 'lines' : 'line';
    case 'integer':
    case 'number':
    case 'output':
      return 'line';
  }
}

function measureOf(parameter: Parameter): string {
  const isOptional = !parameter.required && parameter.requiredWhen === undefined && !hasDefault(parameter);
  const optional = isOptional ? text('run.optional') : '';
  if (parameter.type === 'output') return parameter.extension;
  if (parameter.type !== 'integer' && parameter.type !== 'number') return parameter.type === 'boolean' ? '' : optional;
  return [optional, [rangeOf(parameter.min, parameter.max), parameter.unit].filter(Boolean).join(' ')].filter(Boolean).join(', ');
}

function hasDefault(parameter: Parameter): boolean {
  return 'default' in parameter && parameter.default !== null && parameter.default !== '';
}

/** That a number is positive goes without saying; its field says so when somebody tries another. */
function rangeOf(min: number | null, max: number | null): string {
  if (min !== null && max !== null) return text('run.fromTo', { min, max });
  if (max !== null) return text('run.atMost', { max });
  return min === null || (min >= 0 && min <= 1) ? '' : text('run.atLeast', { min });
}

function choicesOf(parameter: Parameter, chosen: readonly string[], files: readonly FileChoice[]) {
  if (parameter.type === 'choice') {
    const options = parameter.options.map(({ value, label }) => ({ value, label, detail: '', selected: chosen.includes(value) }));
    return { groups: [{ label: '', options }], nothing: text('run.chooseOne'), noFiles: undefined };
  }
  if (parameter.type !== 'file' && parameter.type !== 'files') return { groups: [], nothing: '', noFiles: undefined };
  const fitting = files.filter((file) => accepts(parameter.accept, file.name));
  const groups = [...fileGroups(fitting, chosen), ...lostFiles(fitting, chosen)];
  const endings = namedEndings(parameter.accept);
  const noFiles = groups.length > 0 ? undefined : endings === '' ? text('run.noFiles') : text('run.noFittingFiles', { endings });
  return { groups, nothing: text(parameter.required ? 'run.chooseFile' : 'run.noFile'), noFiles };
}

const GROUPS = [
  ['project', 'run.groupProject'],
  ['results', 'run.groupResults'],
  ['own', 'run.groupOwn'],
  ['inbox', 'run.groupInbox'],
] as const;

function fileGroups(files: readonly FileChoice[], chosen: readonly string[]): OptionGroup[] {
  return GROUPS.map(([group, key]) => ({
    label: text(key),
    options: files.filter((file) => file.group === group).map(optionOf(chosen)),
  })).filter(({ options }) => options.length > 0);
}

const LINK_WORDS = { same: 'run.linked', changed: 'run.linkedChanged', gone: 'run.linkedGone' } as const;

function optionOf(chosen: readonly string[]) {
  return ({ reference, label, size, link }: FileChoice) => ({
    value: reference,
    label,
    detail: link === undefined ? formatBytes(size) : text(LINK_WORDS[link], { size: formatBytes(size) }),
    selected: chosen.includes(reference),
  });
}

/** What was chosen and is not offered (any more) stays in the form, so that its error has something to point at. */
function lostFiles(files: readonly FileChoice[], chosen: readonly string[]): OptionGroup[] {
  const offered = new Set(files.map((file) => file.reference));
  const lost = chosen.filter((reference) => reference !== '' && !offered.has(reference)).slice(0, 100);
  if (lost.length === 0) return [];
  const options = lost.map((reference) => ({ value: reference, label: nameOf(reference), detail: '', selected: true }));
  return [{ label: text('run.groupLost'), options }];
}

function nameOf(reference: string): string {
  try {
    return parseFileReference(reference).path.map(showEntryName).join('/');
  } catch {
    return reference.slice(0, 80);
  }
}
