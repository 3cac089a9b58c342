import type { Parameter } from '../../common/pipelines/manifest';
import { splitWords } from '../../common/split-words';

/** What a shell would not have left alone. */
const NOT_PLAIN = /[$`;&|<>]/;

/**
 * What the older system kept of a run are the arguments of its program: a command line, lines of `name=value`, or JSON. It is read as values
 * of the parameters of a pipeline here only where nothing in it is left over.
 * @param project name of the folder of its project, which paths of its files may name.
 * @returns values as a form would send them; null where it cannot be told what is meant.
 */
export function readRunCode(code: string, parameters: readonly Parameter[], project: string): Record<string, unknown> | null {
  const pairs = asJson(code) ?? asPairs(code);
  if (pairs === null || pairs.size === 0) return null;
  const values: Record<string, unknown> = {};
  for (const [name, value] of pairs) {
    const parameter = parameterNamed(parameters, name);
    if (!parameter || Object.hasOwn(values, parameter.name)) return null;
    values[parameter.name] = asSubmitted(parameter, value, project);
  }
  return values;
}

type Pairs = Map<string, unknown>;

function asJson(code: string): Pairs | null {
  try {
    const value: unknown = JSON.parse(code);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

/** `--name value`, `--name=value`, `-name=value` or `name=value`; a name without a value switches something on. */
function asPairs(code: string): Pairs | null {
  if (NOT_PLAIN.test(code)) return null;
  const words = splitWords(code);
  const pairs: Pairs = new Map();
  for (let index = 0; index < words.length; index += 1) {
    const [, dashes = '', name = '', value] = /^(-{0,2})([A-Za-z_][\w-]*)(?:=(.*))?$/s.exec(words[index] ?? '') ?? [];
    if (name === '' || pairs.has(name) || (dashes === '' && value === undefined)) return null;
    const next = words[index + 1];
    const takesNext = value === undefined && next !== undefined && !/^-{1,2}[A-Za-z]/.test(next);
    if (takesNext) index += 1;
    pairs.set(name, value ?? (takesNext ? next : true));
  }
  return pairs;
}

function parameterNamed(parameters: readonly Parameter[], name: string): Parameter | undefined {
  const plain = (text: string) => text.replaceAll('-', '_').toLowerCase();
  return parameters.find((one) => one.name === name) ?? parameters.find((one) => plain(one.name) === plain(name));
}

function asSubmitted({ type }: Parameter, value: unknown, project: string): unknown {
  if (type === 'file') return referenceOf(String(value), project);
  if (type === 'files')
    return [value]
      .flat()
      .flatMap((one) => String(one).split(','))
      .map((one) => referenceOf(one.trim(), project));
  if (type === 'choices' || type === 'list') return Array.isArray(value) ? value.map(String) : String(value).split(',');
  return typeof value === 'object' && value !== null ? value : String(value);
}

/** A file of the project, by its name, or by a path in which the folder of the project stands. */
function referenceOf(path: string, project: string): string {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  const at = path.startsWith('/') ? steps.lastIndexOf(project) : -1;
  return `project:${steps.slice(at + 1).join('/')}`;
}
