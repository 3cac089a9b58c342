import { z } from 'zod';
import { fieldsOf, type NameChecks, type NameRule } from '../../browser/conditions/name-rules';
import { text } from '../../locales/text';
import type { FieldFault } from './condition-faults';
import { noParameter } from './expression-types';
import type { Parameter } from './manifest';

/** Rules for names in manifests: see `src/browser/conditions/name-rules.ts`. */

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

/** What rules for names need beside entries; null where there are none. */
export function nameChecks(
  rules: readonly NameRule[] | undefined,
  parameters: readonly Pick<Parameter, 'name' | 'label'>[],
): NameChecks | null {
  if (!rules || rules.length === 0) return null;
  const mentioned = new Set(rules.flatMap(fieldsOf));
  const labels = Object.fromEntries(parameters.filter(({ name }) => mentioned.has(name)).map(({ name, label }) => [name, label]));
  const words = {
    notAmong: text('pipelines.nameNotAmong'),
    withoutFile: text('pipelines.nameWithoutFile'),
    ofManyFiles: text('pipelines.nameOfManyFiles'),
    ofManyNames: text('pipelines.fileOfManyNames'),
  };
  return { rules, labels, words };
}
