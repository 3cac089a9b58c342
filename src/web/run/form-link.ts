import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import { defaultEntry, type Entered } from '../../common/pipelines/parameters';
import type { SubmittedForm } from '../http/form';
import { FIELD_PREFIX } from './field-prefix';
import { enteredIn } from './submitted-values';
import { sweepFields, type EnteredSweep } from './sweep-order';

/** Longer addresses are cut by some mail programs and refused by some proxies. */
const MOST_LINK = 4000;

/** What the address of a form says of its fields; null where it says nothing. Fields that it does not name are left to their defaults. */
export function entriesInLink(query: SubmittedForm, manifest: Pick<Manifest, 'parameters'>): Entered | null {
  const names = Object.keys(query)
    .filter((name) => name.startsWith(FIELD_PREFIX))
    .map((name) => name.slice(FIELD_PREFIX.length));
  if (names.length === 0) return null;
  const entered = enteredIn(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, asList(value)])), manifest);
  const isNamed = (parameter: string) => names.some((name) => name === parameter || name.startsWith(`${parameter}.`));
  return Object.fromEntries(Object.entries(entered).filter(([name]) => isNamed(name)));
}

/** A name that is repeated more than twenty times is read as an object of which the keys are places. */
function asList(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value) : value;
}

/** The query of an address that fills a form like this one; null where it would become too long. */
export function linkQuery(
  { parameters }: Pick<Manifest, 'parameters'>,
  entered: Entered,
  sweep: EnteredSweep | null = null,
  before: Readonly<Record<string, string>> = {},
): string | null {
  const query = new URLSearchParams(before);
  for (const parameter of parameters) {
    const entry = Object.hasOwn(entered, parameter.name) ? entered[parameter.name] : undefined;
    if (entry === undefined || parameter.type === 'constant' || isDefault(parameter, entry)) continue;
    addField(query, `${FIELD_PREFIX}${parameter.name}`, entry);
  }
  for (const [name, value] of sweep ? sweepFields(sweep) : []) query.append(name, value);
  const written = query.toString();
  return written.length > MOST_LINK ? null : written;
}

/** A table that is filled from files has rows before anybody enters some. */
function isDefault(parameter: Parameter, entry: Entered[string]): boolean {
  const isFilled = parameter.type === 'table' && parameter.fill !== null;
  return !isFilled && JSON.stringify(entry) === JSON.stringify(defaultEntry(parameter));
}

function addField(query: URLSearchParams, name: string, entry: Entered[string]): void {
  // That nothing is chosen is said, too.
  if (typeof entry === 'string' || entry.length === 0) return query.append(name, typeof entry === 'string' ? entry : '');
  for (const [index, item] of entry.entries()) {
    if (typeof item === 'string') query.append(name, item);
    else
      for (const [column, cell] of Object.entries(item)) for (const text of [cell].flat()) query.append(`${name}.${index}.${column}`, text);
  }
}
