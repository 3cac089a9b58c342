import { namesIn } from '../../../browser/conditions/expression';
import { parseExpression } from '../../../browser/conditions/parse';
import { text } from '../../../locales/text';
import type { Template } from '../argument-files/argument-file';
import { below, checkedTemplate, isManyValued, namesOf, type Report } from '../argument-files/compile-files';
import { isFile, type Described } from '../argument-files/scope';
import { parseTemplate } from '../argument-files/templates';
import { expressionFault } from '../condition-faults';
import type { Manifest, Parameter } from '../manifest';
import { nearestName, readableName } from '../names';
import type { OutcomeRules, RowRule, StepRule } from './outcome-rules';
import { groupsOf, type OutcomeFields, type StepFields } from './outcome-schema';

/** Reads `steps`. @param report takes each fault. */
export function compileSteps(fields: readonly StepFields[], parameters: readonly Parameter[], report: Report): StepRule[] {
  return fields.map((step, index) => compileStep(step, fields.slice(0, index), parameters, below(report, 'steps', index)));
}

function compileStep(step: StepFields, before: readonly StepFields[], parameters: readonly Parameter[], report: Report): StepRule {
  const { id, title, parameter, when, needs, ...rest } = step;
  if (before.some((earlier) => earlier.id === id)) report(['id'], text('outcome.stepTwice', { id }));
  if (parameter !== undefined && when !== undefined) report(['when'], text('outcome.tickedTwice'));
  const box = parameters.find(({ name }) => name === parameter);
  if (parameter !== undefined && box?.type !== 'boolean') report(['parameter'], notNamed('outcome.noBox', parameter, parameters));
  const fault = when === undefined ? undefined : expressionFault(when, parameters);
  if (fault !== undefined) report(['when'], fault);
  if (step.end === undefined && step.requiredOutputs === undefined) report([], text('outcome.nothingTells', { id }));
  const at = parameter ?? placeOf(when);
  if (needs && at === undefined) report(['needs'], text('outcome.needsUnticked'));
  needs?.forEach((any, place) =>
    any.forEach((need, index) => needFault(need, before, parameters, below(report, 'needs', ...(needs.length > 1 ? [place] : []), index))),
  );
  const ticked = parameter ?? when;
  return {
    ...(rest as Omit<StepRule, 'title' | 'when' | 'at' | 'needs'>),
    id,
    title: title ?? readableName(id),
    ...(ticked !== undefined && { when: ticked }),
    ...(at !== undefined && { at }),
    ...(needs && { needs }),
  };
}

function needFault(
  need: { step: string } | { files: string; run?: string | undefined },
  before: readonly StepFields[],
  parameters: readonly Described[],
  report: Report,
): void {
  if ('step' in need) {
    if (!before.some(({ id }) => id === need.step)) {
      report(
        ['step'],
        notNamed(
          'outcome.noEarlierStep',
          need.step,
          before.map(({ id }) => ({ name: id })),
        ),
      );
    }
    return;
  }
  if (need.run === undefined) return;
  const source = parameters.find(({ name }) => name === need.run);
  if ((source?.type as string | undefined) !== 'run') report(['run'], notNamed('outcome.noRun', need.run, parameters));
}

/** The first parameter that an expression names. */
function placeOf(source: string | undefined): string | undefined {
  const parsed = source === undefined ? undefined : parseExpression(source);
  return parsed && 'expression' in parsed ? namesIn(parsed.expression)[0] : undefined;
}

type Codes = Omit<Manifest['outcome'], keyof OutcomeRules>;

/** Reads `outcome`. */
export function compileOutcome(fields: OutcomeFields & Codes, parameters: readonly Parameter[], report: Report): Manifest['outcome'] {
  const { log, ended, rows, ...codes } = fields;
  return {
    ...codes,
    ...(log && { log }),
    ...(ended && { ended: compileEnded(ended, report) }),
    ...(rows && { rows: compileRowRule(rows, parameters, below(report, 'outcome', 'rows')) }),
  };
}

function compileEnded({ file, equals }: NonNullable<OutcomeFields['ended']>, report: Report): NonNullable<OutcomeRules['ended']> {
  if (equals === undefined) return { file };
  const template = parseTemplate(equals, new Map());
  if (typeof template === 'string') report(['outcome', 'ended', 'equals'], template);
  return { file, equals: typeof template === 'string' ? [] : template };
}

function compileRowRule(fields: NonNullable<OutcomeFields['rows']>, parameters: readonly Parameter[], report: Report): RowRule {
  const { of, key, failedKey, title, ok, failed, requiredOutputs } = fields;
  const source: Described | undefined = parameters.find(({ name }) => name === of);
  if (!source || !isManyValued(source)) report(['of'], notNamed('rendering.rowsOf', of, parameters));
  const known = new Map(namesOf(parameters));
  for (const column of source?.columns ?? []) known.set(column.name, { isFile: isFile(column) });
  const template = (given: string, ...path: PropertyKey[]): Template => {
    const parsed = checkedTemplate(given, parameters, known);
    if (typeof parsed === 'string') report(path, parsed);
    return typeof parsed === 'string' ? [] : parsed;
  };
  for (const [name, source] of [
    ['ok', ok],
    ['failed', failed],
  ] as const) {
    if (source !== undefined && !groupsOf(source).includes('row')) report([name], text('outcome.noRowGroup'));
  }
  if (ok === undefined && requiredOutputs === undefined) report([], text('outcome.nothingTellsRows'));
  return {
    of,
    key: template(key, 'key'),
    ...(failedKey !== undefined && { failedKey: template(failedKey, 'failedKey') }),
    ...(title !== undefined && { title: template(title, 'title') }),
    ...(ok !== undefined && { ok }),
    ...(failed !== undefined && { failed }),
    ...(requiredOutputs && { requiredOutputs: requiredOutputs.map((one, index) => template(one, 'requiredOutputs', index)) }),
  };
}

function notNamed(
  key: 'outcome.noBox' | 'outcome.noEarlierStep' | 'outcome.noRun' | 'rendering.rowsOf',
  name: string,
  known: readonly { name: string }[],
): string {
  const meant = nearestName(
    name,
    known.map((one) => one.name).filter((one) => one !== name),
  );
  return [text(key, { name }), ...(meant === undefined ? [] : [text('rendering.meant', { meant })])].join(' ');
}
