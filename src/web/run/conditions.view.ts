import type { ConditionField } from '../../browser/conditions/entries';
import { namesIn } from '../../browser/conditions/expression';
import type { ConditionRule } from '../../browser/conditions/form-conditions';
import { fieldsOf, type NameChecks } from '../../browser/conditions/name-rules';
import { parseExpression } from '../../browser/conditions/parse';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import { nameChecks } from '../../common/pipelines/name-rules';
import { text } from '../../locales/text';

/** What the browser needs to decide about fields as the server does: `src/browser/run-conditions.ts` reads it. */
export interface ConditionsView {
  fields: (ConditionField & { label: string })[];
  /** With the fields whose entries they look at. */
  rules: (ConditionRule & { names: string[] })[];
  /** Rules for names; null where there are none. */
  names: NameChecks | null;
  /** Whether the page tells what is wrong already; else a rule waits until one of its fields is touched. */
  isTold: boolean;
  words: {
    shown: string;
    hidden: string;
    /** Of the fold of advanced fields, with one and with `{count}` of them. */
    advanced: { one: string; many: string };
  };
}

/** Null for a pipeline without conditions and rules. Fields that none of them mentions are left out. */
export function conditionsView(
  { parameters, rules = [], nameRules }: Pick<Manifest, 'parameters' | 'rules' | 'nameRules'>,
  isTold: boolean,
): ConditionsView | null {
  const names = nameChecks(nameRules, parameters);
  const sources = [...parameters.flatMap(({ when, requiredWhen }) => [when, requiredWhen]), ...rules.map(({ check }) => check)];
  const mentioned = new Set([...sources.flatMap(namesOf), ...rules.map(({ at }) => at), ...(nameRules ?? []).flatMap(fieldsOf)]);
  const fields = parameters.filter(
    ({ name, when, requiredWhen }) => mentioned.has(name) || when !== undefined || requiredWhen !== undefined,
  );
  if (rules.length === 0 && fields.length === 0) return null;
  return {
    fields: fields.map(fieldFor),
    rules: rules.map((rule) => ({ ...rule, names: [...new Set([rule.at, ...namesOf(rule.check)])] })),
    names,
    isTold,
    words: {
      shown: text('run.fieldsShown'),
      hidden: text('run.fieldsHidden'),
      advanced: { one: text('run.advanced', { count: 1 }), many: text('run.advanced', { count: '{count}' }) },
    },
  };
}

function fieldFor(parameter: Parameter): ConditionField & { label: string } {
  const { name, type, label, required, when, requiredWhen } = parameter;
  return {
    name,
    type,
    label,
    required,
    ...('default' in parameter && { default: parameter.default }),
    ...(parameter.type === 'pick' && { many: parameter.many }),
    ...(parameter.type === 'table' && { columns: parameter.columns.map(({ name, type }) => ({ name, type })) }),
    ...('extension' in parameter && { extension: parameter.extension }),
    ...(when !== undefined && { when }),
    ...(requiredWhen !== undefined && { requiredWhen }),
  };
}

function namesOf(source: string | undefined): string[] {
  const parsed = source === undefined ? undefined : parseExpression(source);
  return parsed && 'expression' in parsed ? namesIn(parsed.expression) : [];
}
