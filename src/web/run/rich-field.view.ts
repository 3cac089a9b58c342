import type { Parameter } from '../../common/pipelines/manifest';
import { MOST_ITEMS } from '../../common/pipelines/manifest-defaults';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { RichParameter } from '../../common/pipelines/rich-parameters';
import { formatDate } from '../../locales/formats';
import { listed } from '../../locales/joined';
import { text } from '../../locales/text';
import type { FieldOffer, FieldView } from './field.view';
import type { OptionGroup } from './file-groups';

type Rich = Extract<Parameter, { type: RichParameter['type'] }>;
type Of<Type extends Parameter['type']> = Extract<Parameter, { type: Type }>;

/** Where scripts look for names while somebody types. */
export interface NameSearch {
  source: string;
  /** Id of the field whose run the names are of; '' for none. */
  runField: string;
  /** How many names there are; 0 where none can be told. */
  total: number;
  /** Whether other names are taken, too. */
  allowOther: boolean;
  /** A sentence with all of them where they are few; '' else. */
  few?: string;
}

/** As many names fit a menu; more are searched for. */
const MOST_IN_MENU = 300;
/** As many names are boxes to tick. */
/** So many names are told beside their field. */
const MOST_TOLD = 12;
const MOST_BOXES = 24;

/** How a field with several values, or with a value that is looked up, is drawn. */
export function richKind(parameter: Rich, { names, runField = '' }: FieldOffer): FieldView['kind'] {
  switch (parameter.type) {
    case 'choices':
      return 'boxes';
    case 'list':
      return 'lines';
    case 'table':
      return 'table';
    case 'pick':
      return pickKind(parameter, runField === '' && names && 'names' in names ? names.names.size : 0);
    case 'run':
      return 'choice';
    case 'constant':
      return 'line';
  }
}

/** Boxes and menus cannot take other names, nor follow the choice of a run. */
function pickKind({ many, allowOther }: Of<'pick'>, total: number): FieldView['kind'] {
  const isClosed = !allowOther && total > 0;
  if (many) return isClosed && total <= MOST_BOXES ? 'boxes' : 'picks';
  return isClosed && total <= MOST_IN_MENU ? 'choice' : 'pick';
}

/** Null for fields without names of a source, and for those that show them all. */
export function searchFor(parameter: Parameter, { names, runField = '' }: FieldOffer): NameSearch | null {
  if (parameter.type !== 'pick') return null;
  const all = names && 'names' in names ? [...names.names] : [];
  const few = all.length > 0 && all.length <= MOST_TOLD ? text('run.namesAll', { count: all.length, names: listed(all) }) : '';
  return { source: parameter.from, runField, total: all.length, allowOther: parameter.allowOther, few };
}

type Choices = Pick<FieldView, 'groups' | 'nothing' | 'noFiles'>;

export function richChoices(parameter: Rich, chosen: readonly string[], offer: FieldOffer): Choices {
  const one = (options: OptionGroup['options']): Choices => ({
    groups: options.length === 0 ? [] : [{ label: '', options, isFolded: false }],
    nothing: text(parameter.required ? 'run.chooseOne' : 'run.noFile'),
    noFiles: undefined,
  });
  if (parameter.type === 'choices') {
    return one(parameter.options.map(({ value, label }) => ({ value, label, detail: '', selected: chosen.includes(value) })));
  }
  if (parameter.type === 'run') return { ...one(runOptions(chosen, offer)), noFiles: offer.runs?.length ? undefined : text('run.noRuns') };
  if (parameter.type !== 'pick' || !offer.names) return one([]);
  if ('fault' in offer.names) return { ...one([]), noFiles: offer.names.fault };
  const { names } = offer.names;
  if (names.size > MOST_IN_MENU) return one([]);
  return withLost(
    one([...names].map((name) => ({ value: name, label: name, detail: '', selected: chosen.includes(name) }))),
    chosen,
    names,
  );
}

/** What was chosen and is not offered any more stays in the form, so that its error has something to point at. */
function withLost(choices: Choices, chosen: readonly string[], names: ReadonlySet<string>): Choices {
  const lost = chosen.filter((name) => name !== '' && !names.has(name)).slice(0, 100);
  if (lost.length === 0) return choices;
  const options = lost.map((name) => ({ value: name, label: name, detail: '', selected: true }));
  return { ...choices, groups: [...choices.groups, { label: text('run.groupLost'), options, isFolded: false }] };
}

function runOptions(chosen: readonly string[], { runs = [] }: FieldOffer): OptionGroup['options'] {
  const offered = runs.map((run) => ({
    value: String(run.id),
    label: text('run.earlierRun', { number: run.id, title: titleInReadersWords(run) }),
    detail: listed([dayOf(run.finishedMs), run.state === 'partial' ? text('run.earlierPartial') : '']),
    selected: chosen.includes(String(run.id)),
  }));
  const lost = chosen.filter((run) => run !== '' && !offered.some(({ value }) => value === run)).slice(0, 1);
  return [...offered, ...lost.map((run) => ({ value: run, label: `#${run}`, detail: text('run.groupLost'), selected: true }))];
}

/** Options and their groups hold no elements, so no browser could turn it into the local time. */
export function dayOf(ms: number | null): string {
  return ms === null ? '' : formatDate(ms, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** What stands behind the label: how many, and of lists the range of their numbers. */
export function richMeasure(parameter: Rich): string {
  switch (parameter.type) {
    case 'choices':
      return countMeasure(parameter.minItems, Math.min(parameter.maxItems, parameter.options.length), parameter.options.length);
    case 'list':
      return listed([countMeasure(parameter.minItems, parameter.maxItems, MOST_ITEMS), listMeasure(parameter)]);
    case 'pick':
      return parameter.many ? countMeasure(parameter.minItems, parameter.maxItems, MOST_ITEMS) : '';
    case 'table':
    case 'run':
    case 'constant':
      return '';
  }
}

function listMeasure({ min, max, unit }: Of<'list'>): string {
  const range =
    min !== null && max !== null
      ? text('run.eachFromTo', { min, max })
      : min !== null
        ? text('run.eachAtLeast', { min })
        : max === null
          ? ''
          : text('run.eachAtMost', { max });
  return [range, unit].filter(Boolean).join(' ');
}

/** @param most what goes without saying. */
function countMeasure(min: number, max: number, most: number): string {
  if (max < most) return min > 1 ? text('run.countFromTo', { min, max }) : text('run.countUpTo', { max });
  return min > 1 ? text('run.countAtLeast', { min }) : '';
}
