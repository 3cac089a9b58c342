import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import { defaultEntry, type Entered } from '../../common/pipelines/parameters';
import type { SubmittedForm } from '../http/form';
import { FIELD_PREFIX } from './field-prefix';
import { enteredIn } from './submitted-values';

/** Longer addresses are cut by some mail programs and refused by some proxies. */
const MOST_LINK = 4000;

/** What the address of a form says of its fields; null where it says nothing. Fields that it does not name are left to their defaults. */
export function entriesInLink(query: SubmittedForm, manifest: Pick<Manifest, 'parameters'>): Entered | null {
  const names = Object.keys(query)
    .filter((name) => name.startsWith(FIELD_PREFIX))
    .map((name) => name.slice(FIELD_PREFIX.length));
  if (names.length === 0) return null;
  const entered = enteredIn(query, manifest);
  const isNamed = (parameter: string) => names.some((name) => name === parameter || name.startsWith(`${parameter}.`));
  return Object.fromEntries(Object.entries(entered).filter(([name]) => isNamed(name)));
}

/** The query of an address that fills a form like this one; null where it would become too long. */
export function linkQuery({ parameters }: Pick<Manifest, 'parameters'>, entered: Entered): string | null {
  const query = new URLSearchParams();
  for (const parameter of parameters) {
    const entry = Object.hasOwn(entered, parameter.name) ? entered[parameter.name] : undefined;
    if (entry === undefined || parameter.type === 'constant' || isDefault(parameter, entry)) continue;
    addField(query, `${FIELD_PREFIX}${parameter.name}`, entry);
  }
  const written = query.toString();
  return written.length > MOST_LINK ? null : written;
}

function isDefault(parameter: Parameter, entry: Entered[string]): boolean {
  return JSON.stringify(entry) === JSON.stringify(defaultEntry(parameter));
}

function addField(query: URLSearchParams, name: string, entry: Entered[string]): void {
  if (typeof entry === 'string') return query.append(name, entry);
  for (const [index, item] of entry.entries()) {
    if (typeof item === 'string') query.append(name, item);
    else
      for (const [column, cell] of Object.entries(item)) for (const text of [cell].flat()) query.append(`${name}.${index}.${column}`, text);
  }
}
