import { itemsIn } from '../../browser/conditions/several';
import { text } from '../../locales/text';
import type { Parameter } from './manifest';
import { nearestName } from './names';
import { matchesWhole } from './pattern';
import { checkNumber, notText, type Checked } from './plain-fields';
import type { EnteredValue } from './rich-entries';
import type { SourceNames } from './surroundings';

type Of<Type extends Parameter['type']> = Extract<Parameter, { type: Type }>;

/** How many unknown names a sentence tells. */
const MOST_NAMED = 5;
const MOST_LIST_ITEM = 4000;

interface Counted {
  required: boolean;
  minItems: number;
  maxItems: number;
}

/** Several of the options, in the order of the form. */
export function checkChoices(parameter: Of<'choices'>, entry: readonly string[]): Checked {
  const values = parameter.options.map(({ value }) => value);
  if (entry.some((one) => !values.includes(one))) return { error: text('pipelines.notOptions') };
  const chosen = values.filter((value) => entry.includes(value));
  const fault = countFault(parameter, chosen.length, 'pipelines.chooseAtLeast', 'pipelines.chooseAtMost');
  return fault ? { error: fault } : { value: chosen.length === 0 ? undefined : chosen };
}

/** @param entry as typed, or its items. */
export function checkList(parameter: Of<'list'>, entry: string | readonly string[]): Checked {
  const items = typeof entry === 'string' ? itemsIn(entry) : [...entry];
  const fault = countFault(parameter, items.length, 'pipelines.tooFewItems', 'pipelines.tooManyItems');
  if (fault) return { error: fault };
  for (const item of items) {
    const error = itemFault(parameter, item);
    if (error) return { error: text('pipelines.atItem', { item: shortened(item), fault: error }) };
  }
  const twice = parameter.unique ? twiceIn(items) : undefined;
  if (twice !== undefined) return { error: text('pipelines.itemTwice', { item: shortened(twice) }) };
  return { value: items.length === 0 ? undefined : items };
}

/** What could not be typed into the field again is refused, too: a comma or a line end would make two of it. */
function itemFault(parameter: Of<'list'>, item: string): string | undefined {
  if (notText(item)) return text('pipelines.notText');
  if (itemsIn(item)[0] !== item) return text('pipelines.badItem');
  if (item.length > MOST_LIST_ITEM) return text('pipelines.tooLong', { most: MOST_LIST_ITEM, length: item.length });
  const { items: type, pattern, patternMessage } = parameter;
  if (type !== 'string') {
    const { name, label, help, required, advanced, min, max, unit } = parameter;
    const checked = checkNumber({ name, label, help, required, advanced, type, default: null, min, max, step: null, unit }, item);
    if ('error' in checked) return checked.error;
  }
  if (pattern === null || matchesWhole(pattern, item)) return undefined;
  return patternMessage ?? text('pipelines.noMatch', { pattern });
}

/** @param names what the source has. */
export function checkPick(parameter: Of<'pick'>, entry: EnteredValue, names: SourceNames): Checked {
  const items = [entry].flat().filter((one) => typeof one === 'string' && one !== '') as string[];
  if (!parameter.many) {
    const [item = ''] = items;
    if (item === '') return parameter.required ? { error: text('pipelines.chooseOne') } : { value: undefined };
    const error = namesFault(parameter, [item], names);
    return error ? { error } : { value: item };
  }
  const error =
    countFault(parameter, items.length, 'pipelines.chooseAtLeast', 'pipelines.chooseAtMost') ?? namesFault(parameter, items, names);
  if (error) return { error };
  const twice = twiceIn(items);
  if (twice !== undefined) return { error: text('pipelines.itemTwice', { item: shortened(twice) }) };
  return { value: items.length === 0 ? undefined : items };
}

function namesFault(parameter: Of<'pick'>, items: readonly string[], source: SourceNames): string | undefined {
  if (items.length === 0) return undefined;
  if (items.some(notText)) return text('pipelines.notText');
  const { allowOther, pattern, patternMessage } = parameter;
  if (!allowOther) {
    if ('fault' in source) return source.fault;
    const unknown = items.filter((item) => !source.names.has(item));
    if (unknown.length > 0) return unknownNames(unknown, source.names);
  }
  const misfit = pattern === null ? undefined : items.find((item) => !matchesWhole(pattern, item));
  if (misfit === undefined) return undefined;
  return text('pipelines.atItem', {
    item: shortened(misfit),
    fault: patternMessage ?? text('pipelines.noMatch', { pattern: pattern ?? '' }),
  });
}

/** Names the unknown ones, with what was probably meant. */
export function unknownNames(unknown: readonly string[], names: ReadonlySet<string>): string {
  const all = [...names];
  const told = unknown.slice(0, MOST_NAMED).map((name) => {
    const meant = meantName(name, all);
    return meant === undefined ? shortened(name) : text('pipelines.unknownNameMeant', { name: shortened(name), meant });
  });
  const more = unknown.length - told.length;
  return (
    text('pipelines.unknownNames', { count: unknown.length, names: told.join(', ') }) +
    (more > 0 ? text('pipelines.andMore', { count: more }) : '')
  );
}

/** The listed name that differs only in capitals, else the nearest. */
function meantName(name: string, all: readonly string[]): string | undefined {
  const small = name.toLowerCase();
  return all.find((one) => one.toLowerCase() === small) ?? (name.length > 60 ? undefined : nearestName(name, all));
}

export function countFault(
  { required, minItems, maxItems }: Counted,
  count: number,
  few: 'pipelines.chooseAtLeast' | 'pipelines.tooFewItems' | 'pipelines.tooFewRows',
  many: 'pipelines.chooseAtMost' | 'pipelines.tooManyItems' | 'pipelines.tooManyRows',
): string | undefined {
  if (count === 0) return required ? text(few, { count: Math.max(1, minItems) }) : undefined;
  if (count < minItems) return text(few, { count: minItems });
  return count > maxItems ? text(many, { count: maxItems }) : undefined;
}

export function twiceIn(items: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return items.find((item) => seen.size === seen.add(item).size);
}

export function shortened(item: string): string {
  return item.length > 80 ? `${item.slice(0, 80)}…` : item;
}
