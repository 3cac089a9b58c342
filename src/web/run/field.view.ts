import { accepts, namedEndings } from '../../common/pipelines/accept';
import type { Parameter } from '../../common/pipelines/manifest';
import { isRich, type EnteredValue } from '../../common/pipelines/rich-entries';
import type { RichParameter } from '../../common/pipelines/rich-parameters';
import type { SourceNames } from '../../common/pipelines/surroundings';
import type { Run } from '../../common/queue/run.entity';
import { showEntryName } from '../../common/files/entry-name';
import { parseFileReference } from '../../common/files/file-references';
import { text } from '../../locales/text';
import { formatBytes } from '../../browser/amounts';
import { FIELD_PREFIX } from './field-prefix';
import type { FileChoice } from './input-files';
import { richChoices, richKind, richMeasure, searchFor, type NameSearch } from './rich-field.view';
import type { TableView } from './table.view';

/** How one parameter is drawn. */
export interface FieldView {
  kind: 'line' | 'lines' | 'box' | 'choice' | 'file' | 'files' | 'boxes' | 'pick' | 'picks' | 'table';
  /** Of the input element. */
  name: string;
  id: string;
  label: string;
  help: string;
  /** Paragraphs that are folded. */
  helpLong: string[];
  examples: string[];
  placeholder: string;
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
  /** Whether there are so many boxes that nobody wants to tick each. */
  isLong: boolean;
  /** Said in the place of an empty choice. */
  nothing: string;
  /** Why there is no file to choose; undefined where there is one. */
  noFiles: string | undefined;
  /** Where names are searched; null where all that can be chosen is there. */
  search: NameSearch | null;
  table: TableView | null;
}

/** What a field offers beside files: looked up before it is drawn. */
export interface FieldOffer {
  names?: SourceNames;
  /** Id of the field that chooses the run whose names they are; '' for none. */
  runField?: string;
  runs?: readonly Run[];
  table?: TableView;
}

export interface OptionGroup {
  /** '' for options that stand alone. */
  label: string;
  options: { value: string; label: string; detail: string; selected: boolean }[];
}

type PlainParameter = Exclude<Parameter, { type: RichParameter['type'] }>;

const LONGEST_LINE = 4000;
const LONGEST_LIST = 60_000;
const FEW_BOXES = 5;

/** What is said at a field. */
export type FieldRemarks = Pick<FieldView, 'error' | 'hasRules' | 'ruleError' | 'ruleWarning'>;

/** @param entry what the field holds: as it was entered, or the default. @param isRequired as things are. */
export function fieldView(
  parameter: Parameter,
  entry: EnteredValue,
  isRequired: boolean,
  remarks: FieldRemarks,
  files: readonly FileChoice[],
  offer: FieldOffer,
): FieldView {
  const { name, label, help, required, when, requiredWhen } = parameter;
  const id = `p-${name}`;
  const parts = { error: true, rule: remarks.hasRules, help: help !== '', examples: (parameter.examples ?? []).length > 0 };
  const described = Object.entries(parts)
    .flatMap(([part, isThere]) => (isThere ? [`${id}-${part}`] : []))
    .join(' ');
  const texts = typeof entry === 'string' ? [entry] : entry.filter((one) => typeof one === 'string');
  const value = typeof entry === 'string' ? entry : texts.join('\n');
  const choices = isRich(parameter) ? richChoices(parameter, texts, offer) : choicesOf(parameter, texts, files);
  return {
    kind: isRich(parameter) ? richKind(parameter, offer) : kindOf(parameter, value),
    name: `${FIELD_PREFIX}${name}`,
    id,
    label,
    help,
    helpLong: (parameter.helpLong ?? '').split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== ''),
    examples: parameter.examples ?? [],
    placeholder: parameter.placeholder ?? '',
    measure: measureOf(parameter),
    ...remarks,
    isWrong: remarks.error !== undefined || remarks.ruleError !== undefined,
    required: required || isRequired,
    optionalWord: requiredWhen === undefined || hasDefault(parameter) ? undefined : text('run.optional'),
    isConditional: when !== undefined,
    describedBy: described === '' ? undefined : described,
    value,
    inputMode: parameter.type === 'integer' ? 'numeric' : parameter.type === 'number' ? 'decimal' : 'text',
    rows: rowsOf(parameter),
    maxLength: 'maxLength' in parameter ? parameter.maxLength : isRich(parameter) ? LONGEST_LIST : LONGEST_LINE,
    checked: /^(true|on|yes|1)$/i.test(value.trim()),
    ...choices,
    isLong: choices.groups.reduce((count, { options }) => count + options.length, 0) > FEW_BOXES,
    search: searchFor(parameter, offer),
    table: offer.table ?? null,
  };
}

/** A text of one line that holds line ends (from another program) would lose them in an input of one line. */
function kindOf(parameter: PlainParameter, value: string): FieldView['kind'] {
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

function rowsOf(parameter: Parameter): number {
  if (parameter.type === 'text') return parameter.rows;
  return parameter.type === 'list' ? 2 : 3;
}

function measureOf(parameter: Parameter): string {
  const isOptional = !parameter.required && parameter.requiredWhen === undefined && !hasDefault(parameter);
  const optional = isOptional ? text('run.optional') : '';
  if (parameter.type === 'output') return parameter.extension;
  if (parameter.type === 'boolean') return '';
  return [optional, isRich(parameter) ? richMeasure(parameter) : numberMeasure(parameter)].filter(Boolean).join(', ');
}

/** Range and unit of a number; '' for other types. */
export function numberMeasure(parameter: Parameter): string {
  if (parameter.type !== 'integer' && parameter.type !== 'number') return '';
  const zero = parameter.zeroMeans === undefined ? '' : text('run.orZero', { zeroMeans: parameter.zeroMeans });
  return [[rangeOf(parameter.min, parameter.max), parameter.unit].filter(Boolean).join(' '), zero].filter(Boolean).join(', ');
}

function hasDefault(parameter: Parameter): boolean {
  return 'default' in parameter && parameter.default !== null && [parameter.default].flat().join('') !== '';
}

/** That a number is positive goes without saying; its field says so when somebody tries another. */
export function rangeOf(min: number | null, max: number | null): string {
  if (min !== null && max !== null) return text('run.fromTo', { min, max });
  if (max !== null) return text('run.atMost', { max });
  return min === null || (min >= 0 && min <= 1) ? '' : text('run.atLeast', { min });
}

function choicesOf(parameter: PlainParameter, chosen: readonly string[], files: readonly FileChoice[]) {
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
