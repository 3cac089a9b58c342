import { z } from 'zod';
import { text } from '../../locales/text';
import { nameOf } from './argument-files/scope';
import type { FieldFault } from './condition-faults';
import { noParameter } from './expression-types';
import type { Parameter, ParameterValues } from './manifest';
import { compileGlob } from './output-glob';

/** What names that are picked or typed must be: names of chosen files, or among the names of another parameter. */

const glob = z.string().trim().min(1).max(200);
const names = z.array(z.string()).min(1).max(50);

export const nameRule = z.union([
  z.strictObject({
    names,
    files: z.string(),
    glob: glob.refine((given) => given.split('{name}').length === 2, text('pipelines.nameRuleGlob', { sign: '*_{name}.*' })),
    unless: glob.optional(),
  }),
  z.strictObject({ names, among: z.string() }),
]);

export type NameRule = z.output<typeof nameRule>;

const NAMED = new Set(['string', 'list', 'pick', 'choices']);

/** Parameters that there are not, or that have no names or files. */
export function nameRuleFaults(rules: readonly NameRule[], parameters: readonly Pick<Parameter, 'name' | 'type'>[]): FieldFault[] {
  const fault = (path: PropertyKey[], name: string, fits: (type: string) => boolean): FieldFault[] => {
    const parameter = parameters.find((one) => one.name === name);
    if (!parameter) return [[path, noParameter(name, parameters)]];
    return fits(parameter.type) ? [] : [[path, text('pipelines.nameRuleType', { name })]];
  };
  return rules.flatMap((rule, index) => {
    const other =
      'among' in rule
        ? fault(['nameRules', index, 'among'], rule.among, (type) => NAMED.has(type))
        : fault(['nameRules', index, 'files'], rule.files, (type) => type === 'files' || type === 'file');
    return [...rule.names.flatMap((name, at) => fault(['nameRules', index, 'names', at], name, (type) => NAMED.has(type))), ...other];
  });
}

/** What is wrong with names, by the parameter that holds them; parameters without a value are right. */
export function nameErrors(
  rules: readonly NameRule[],
  parameters: readonly Pick<Parameter, 'name' | 'label'>[],
  values: ParameterValues,
): Record<string, string> {
  const errors: Record<string, string> = {};
  const label = (name: string) => parameters.find((one) => one.name === name)?.label ?? name;
  for (const rule of rules) {
    const faultOf = 'among' in rule ? amongFault(rule, values, label) : filesFault(rule, values, label);
    for (const name of rule.names) {
      const sentences = textsOf(values, name).flatMap((one) => faultOf(one) ?? []);
      if (sentences.length > 0 && !Object.hasOwn(errors, name)) errors[name] = [...new Set(sentences)].slice(0, 3).join(' ');
    }
  }
  return errors;
}

type FaultOf = (name: string) => string | undefined;

function amongFault({ among }: Extract<NameRule, { among: string }>, values: ParameterValues, label: (name: string) => string): FaultOf {
  const known = textsOf(values, among);
  return (name) => (known.length === 0 || known.includes(name) ? undefined : text('pipelines.nameNotAmong', { name, other: label(among) }));
}

/** A name by which no file is found may stand inside of one that fits `unless`; one that fits several files, or that of another name, never does. */
function filesFault(rule: Extract<NameRule, { files: string }>, values: ParameterValues, label: (name: string) => string): FaultOf {
  const files = textsOf(values, rule.files).map(nameOf);
  const mayBeInside = rule.unless !== undefined && files.some(compileGlob(rule.unless));
  const foundBy = new Map(
    rule.names.flatMap((parameter) => textsOf(values, parameter)).map((name) => [name, files.filter(globFor(rule.glob, name))]),
  );
  return (name) => {
    const [found, ...others] = foundBy.get(name) ?? [];
    if (files.length === 0 || (found === undefined && mayBeInside)) return undefined;
    if (found === undefined)
      return text('pipelines.nameWithoutFile', { name, files: label(rule.files), glob: rule.glob.replace('{name}', name) });
    if (others.length > 0) return text('pipelines.nameOfManyFiles', { name, found: [found, ...others].slice(0, 4).join(', ') });
    const other = [...foundBy].find(([one, [only, ...more]]) => one !== name && only === found && more.length === 0)?.[0];
    if (other === undefined) return undefined;
    const [first = '', second = ''] = [name, other].sort();
    return text('pipelines.fileOfManyNames', { name: first, other: second, file: found });
  };
}

/** As a shell matches on Linux: upper and lower case differ. The name stands for itself, whatever it holds. */
function globFor(pattern: string, name: string): (file: string) => boolean {
  const source = pattern
    .split(/(\*|\?|\{name\})/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : escaped(part === '{name}' ? name : part)))
    .join('');
  const regex = new RegExp(`^${source}$`, 'su');
  return (file) => regex.test(file);
}

function escaped(part: string): string {
  return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function textsOf(values: ParameterValues, name: string): string[] {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one): one is string => typeof one === 'string' && one !== '');
}
