import { accepts } from '../../common/pipelines/accept';
import type { Manifest, Parameter, ParameterValues } from '../../common/pipelines/manifest';
import { requiredAtFirst } from '../../common/pipelines/parameters';
import { text } from '../../locales/text';
import { parameterViews } from '../show/run-facts';
import type { FileChoice } from './input-files';

/** A value that is another than the one the form offers. */
export interface ChangedValue {
  /** Of its field. */
  id: string;
  label: string;
  /** With its unit; says so where it was left empty. */
  value: string;
}

/** Longer lists of values are cut: the whole one stands in the field. */
const MOST_VALUES = 3;

/**
 * What somebody changed, in the order of the form. Files are chosen rather than changed, and rows that come from files are nobody's change.
 * @param untold parameters that have another value in each of several runs, and those whose entry is no value.
 */
export function changedValues(manifest: Manifest, values: ParameterValues, untold: readonly string[] = []): ChangedValue[] {
  const others = new Set([...manifest.parameters.filter(isFilled).map(({ name }) => name), ...untold]);
  return parameterViews({ parameters: values, manifest: { ...manifest } })
    .filter(({ name, changed }) => changed && !others.has(name))
    .map(({ name, label, values: all, unit }) => {
      const shown = all.slice(0, MOST_VALUES).join(', ') + (all.length > MOST_VALUES ? ' …' : '');
      return { id: `p-${name}`, label, value: shown === '' ? text('run.changedEmpty') : `${shown} ${unit}`.trim() };
    });
}

/** @returns why files have to come before anything else can be entered; null where there is one to choose. */
export function uploadFirst(manifest: Manifest, choices: readonly FileChoice[]): string | null {
  const { parameters, title, takes } = manifest;
  const required = requiredAtFirst(parameters);
  const lacks = parameters.some((parameter) => required.has(parameter.name) && !hasFile(parameter, choices));
  if (!lacks) return null;
  return takes === '' ? text('run.uploadFirstWhyPlain', { title }) : text('run.uploadFirstWhy', { title, takes });
}

function hasFile(parameter: Parameter, choices: readonly FileChoice[]): boolean {
  if (isFilled(parameter)) return choices.length > 0;
  if (parameter.type !== 'file' && parameter.type !== 'files') return true;
  return choices.some(({ name }) => accepts(parameter.accept, name));
}

function isFilled(parameter: Parameter): boolean {
  return parameter.type === 'table' && parameter.fill !== null && parameter.fill !== undefined;
}
