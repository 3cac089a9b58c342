import { accepts, namedEndings } from '../../common/pipelines/accept';
import type { Parameter } from '../../common/pipelines/manifest';
import { isRich, type EnteredValue } from '../../common/pipelines/rich-entries';
import type { RichParameter } from '../../common/pipelines/rich-parameters';
import type { SourceNames } from '../../common/pipelines/surroundings';
import type { Run } from '../../common/queue/run.entity';
import { listed } from '../../locales/joined';
import { text } from '../../locales/text';
import { FIELD_PREFIX } from './field-prefix';
import { fileGroups, lostFiles, type OptionGroup } from './file-groups';
import { fileMenu, menuSize, searchField, takeWords, type MenuState, type TakeWords } from './file-menu';
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
  /** Whether it takes several values, which are entered elsewhere. */
  isVaried: boolean;
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
  /** Where there are more files than the menu holds, and how the others are found; null elsewhere. */
  finder: { parameter: string; field: string; typed: string; sentence: string; takes: TakeWords } | null;
  /** How many files scripts offer to search among; null where they are few, or it takes no file out of a menu. */
  searchFiles: number | null;
  table: TableView | null;
}

/** What a field offers beside files: looked up before it is drawn. */
export interface FieldOffer {
  names?: SourceNames;
  /** Id of the field that chooses the run whose names they are; '' for none. */
  runField?: string;
  runs?: readonly Run[];
  table?: TableView;
  /** What its menu of files holds; absent: as if it were the only one of a form. */
  menu?: MenuState;
}

type PlainParameter = Exclude<Parameter, { type: RichParameter['type'] }>;

const LONGEST_LINE = 4000;
const LONGEST_LIST = 60_000;
const FEW_BOXES = 5;
const FEW_VALUES = 4;
/** A menu of so many files is read at a glance. */
const FEW_FILES = 12;
const ONLY_MENU: MenuState = { size: menuSize({ parameters: [] }), typed: '', isComplete: true };

/** What is said at a field. */
export type FieldRemarks = Pick<FieldView, 'error' | 'hasRules' | 'ruleError' | 'ruleWarning' | 'isVaried'>;

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
  const texts = typeof entry === 'string' ? [entry] : entry.filter((one) => typeof one === 'string');
  const value = typeof entry === 'string' ? entry : texts.join('\n');
  const choices = isRich(parameter)
    ? { ...richChoices(parameter, texts, offer), finder: null }
    : choicesOf(parameter, texts, files, offer.menu ?? ONLY_MENU);
  const described = Object.entries({ ...parts, menu: choices.finder !== null })
    .flatMap(([part, isThere]) => (isThere ? [`${id}-${part}`] : []))
    .join(' ');
  const count = choices.groups.reduce((sum, { options }) => sum + options.length, 0);
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
    isLong: count > FEW_BOXES,
    searchFiles: parameter.type === 'file' && choices.finder === null && count > FEW_FILES ? count : null,
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
  return listed([optional, isRich(parameter) ? richMeasure(parameter) : numberMeasure(parameter)]);
}

/** Range and unit of a number; '' for other types. */
export function numberMeasure(parameter: Parameter): string {
  if (parameter.type !== 'integer' && parameter.type !== 'number') return '';
  const zero = parameter.zeroMeans === undefined ? '' : text('run.orZero', { zeroMeans: parameter.zeroMeans });
  const range = [fewValues(parameter) ?? rangeOf(parameter.min, parameter.max), parameter.unit].filter(Boolean).join(' ');
  return listed([range, zero]);
}

/** "8 or 16": a range that leaves so few values is none to people. Null where it leaves more. */
function fewValues({ min, max, step }: { min: number | null; max: number | null; step: number | null }): string | null {
  if (min === null || max === null || step === null || step <= 0) return null;
  const count = Math.floor((max - min) / step) + 1;
  if (count < 2 || count > FEW_VALUES) return null;
  const values = Array.from({ length: count }, (_, index) => String(min + index * step));
  return text('run.either', { all: listed(values.slice(0, -1)), last: values.at(-1)! });
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

function choicesOf(parameter: PlainParameter, chosen: readonly string[], files: readonly FileChoice[], menu: MenuState) {
  if (parameter.type === 'choice') {
    const options = parameter.options.map(({ value, label }) => ({ value, label, detail: '', selected: chosen.includes(value) }));
    return { groups: [{ label: '', options, isFolded: false }], nothing: text('run.chooseOne'), noFiles: undefined, finder: null };
  }
  if (parameter.type !== 'file' && parameter.type !== 'files') return { groups: [], nothing: '', noFiles: undefined, finder: null };
  const fitting = files.filter((file) => accepts(parameter.accept, file.name));
  const { files: shown, typed, sentence } = fileMenu(fitting, chosen, menu);
  const found = fileGroups(shown, chosen, fitting).map((group) => ({ ...group, isFolded: group.isFolded && typed === '' }));
  const groups = [...found, ...lostFiles(fitting, chosen)];
  const { name } = parameter;
  const finder = sentence === null ? null : { parameter: name, field: searchField(name), typed, sentence, takes: takeWords(fitting) };
  const endings = namedEndings(parameter.accept);
  const noFiles =
    groups.length > 0 || finder !== null ? undefined : endings === '' ? text('run.noFiles') : text('run.noFittingFiles', { endings });
  return { groups, nothing: text(parameter.required ? 'run.chooseFile' : 'run.noFile'), noFiles, finder };
}
