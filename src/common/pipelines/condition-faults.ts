import { DEEPEST_EXPRESSION, LONGEST_EXPRESSION, namesIn, type ExpressionFault } from '../../browser/conditions/expression';
import { parseExpression } from '../../browser/conditions/parse';
import { text } from '../../locales/text';
import { noParameter, typeFault, type PlacedFault, type TypedParameter } from './expression-types';

/** A parameter as `pipeline.yaml` has it. */
interface Conditional extends TypedParameter {
  required?: boolean | undefined;
  when?: string | undefined;
  requiredWhen?: string | undefined;
}

interface WrittenRule {
  check: string;
  at: string;
}

/** The field at fault, and what is wrong with it. */
export type FieldFault = [path: PropertyKey[], sentence: string];

/** How many conditions may hang on one another. */
const LONGEST_CHAIN = 20;

/** What is wrong with an expression that is to be true or false; undefined when nothing is. */
export function expressionFault(source: string, parameters: readonly TypedParameter[]): string | undefined {
  const parsed = parseExpression(source);
  const fault = 'fault' in parsed ? placed(parsed.fault) : typeFault(parsed.expression, parameters);
  return fault && text('conditions.atPlace', { at: fault.at, fault: fault.sentence });
}

/** What is wrong with `when`, `requiredWhen` and `rules` of a manifest. */
export function conditionFaults(parameters: readonly Conditional[], rules: readonly WrittenRule[]): FieldFault[] {
  const faults = parameters.flatMap((parameter, index) => fieldFaults(parameter, ['parameters', index], parameters));
  for (const [index, { check, at }] of rules.entries()) {
    const fault = expressionFault(check, parameters);
    if (fault !== undefined) faults.push([['rules', index, 'check'], fault]);
    if (!parameters.some(({ name }) => name === at)) faults.push([['rules', index, 'at'], noParameter(at, parameters)]);
  }
  return [...faults, ...chainFaults(parameters)];
}

function fieldFaults(parameter: Conditional, path: PropertyKey[], parameters: readonly Conditional[]): FieldFault[] {
  const { type, required, requiredWhen } = parameter;
  const faults: FieldFault[] = [];
  for (const field of ['when', 'requiredWhen'] as const) {
    const source = parameter[field];
    const fault = source === undefined ? undefined : expressionFault(source, parameters);
    if (fault !== undefined) faults.push([[...path, field], fault]);
  }
  if (requiredWhen === undefined) return faults;
  if (type === 'boolean') faults.push([[...path, 'requiredWhen'], text('conditions.requiredBox')]);
  else if (required === true) faults.push([[...path, 'requiredWhen'], text('conditions.requiredTwice')]);
  return faults;
}

function placed({ kind, at, found, wanted }: ExpressionFault): PlacedFault {
  const most = kind === 'tooLong' ? LONGEST_EXPRESSION : DEEPEST_EXPRESSION;
  return { at, sentence: text(`conditions.${kind}`, { found, wanted, most }) };
}

/** Conditions that wait for one another: told once, at the first parameter of the circle. */
export function chainFaults(parameters: readonly Conditional[]): FieldFault[] {
  const needed = new Map(parameters.map(({ name, when }) => [name, when === undefined ? [] : namesOf(when)]));
  const lengths = new Map<string, number>();
  const faults: FieldFault[] = [];
  const told = new Set<string>();
  for (const [index, { name }] of parameters.entries()) {
    const found = follow(name, needed, lengths);
    if (typeof found === 'number' || found.some((one) => told.has(one))) continue;
    for (const one of found) told.add(one);
    const isCircle = found[0] === found.at(-1);
    const fault = isCircle
      ? text('conditions.cycle', { names: found.join(' → ') })
      : text('conditions.chainTooLong', { most: LONGEST_CHAIN });
    const place = isCircle ? parameters.findIndex((one) => one.name === found[0]) : index;
    faults.push([['parameters', place, 'when'], fault]);
  }
  return faults;
}

/** How many conditions a parameter hangs on, one after the other; or the names of a circle, or of a chain that is too long. */
function follow(
  name: string,
  needed: ReadonlyMap<string, readonly string[]>,
  lengths: Map<string, number>,
  above: readonly string[] = [],
): number | string[] {
  const known = lengths.get(name);
  if (above.includes(name)) return [...above.slice(above.indexOf(name)), name];
  if (above.length + (known ?? 0) > LONGEST_CHAIN) return [...above, name];
  if (known !== undefined) return known;
  let length = 0;
  for (const other of needed.get(name) ?? []) {
    const found = follow(other, needed, lengths, [...above, name]);
    if (typeof found !== 'number') return found;
    length = Math.max(length, found + 1);
  }
  lengths.set(name, length);
  return length;
}

function namesOf(source: string): string[] {
  const parsed = parseExpression(source);
  return 'expression' in parsed ? namesIn(parsed.expression) : [];
}
