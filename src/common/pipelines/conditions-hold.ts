import type { Entry } from '../../browser/conditions/entries';
import { FormConditions } from '../../browser/conditions/form-conditions';
import type { Manifest, ParameterValues } from './manifest';

/** Something that is only there where an expression holds; without one it always is. */
interface Conditional {
  when?: string;
}

/**
 * Which of several things apply to values that were checked. Their conditions are those of fields that nobody sees: so they mean exactly
 * what they mean in the form.
 */
export function holding<Thing extends Conditional>(
  things: readonly Thing[],
  { parameters }: Pick<Manifest, 'parameters'>,
  values: ParameterValues,
): ReadonlySet<Thing> {
  const names = new Map(things.map((thing, index) => [thing, `thing ${index}`]));
  const asked = [...names].filter(([{ when }]) => when !== undefined);
  if (asked.length === 0) return new Set(things);
  const fields = asked.map(([{ when = '' }, name]) => ({ name, type: 'boolean', required: false, when }));
  const entries = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, entryOf(value)]));
  const state = new FormConditions([...parameters, ...fields]).stateOf(entries);
  return new Set(things.filter((thing) => thing.when === undefined || state.applies.has(names.get(thing) ?? '')));
}

/** As the form holds it. */
function entryOf(value: ParameterValues[string]): Entry {
  return typeof value === 'boolean' ? String(value) : value;
}
