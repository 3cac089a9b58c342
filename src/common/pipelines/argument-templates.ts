import { text } from '../../locales/text';
import type { ArgumentPart, Parameter } from './manifest';
import type { ArgumentFields } from './manifest-schema';

const WHOLE = /^\{(\w+)\}$/;
const FLAGGED = /^([^{}]+)=\{(\w+)\}$/;

/** The name that stands for the folder of results. */
const OUTPUT_FOLDER = 'outputFolder';

/**
 * One entry of `arguments:` as a part of argv: `'--verbose'`, `'{image}'`, `'--sigma={sigma}'`, `['--sigma', '{sigma}']`, or one of the
 * long forms. A template is only ever one of these shapes, so that a value always is an argument of its own or the end of one.
 * @returns the part, or the fault as a sentence.
 */
export function compileArgument(entry: ArgumentFields, parameters: readonly Parameter[]): ArgumentPart | string {
  if (typeof entry === 'string') return fromText(entry, parameters);
  if (Array.isArray(entry)) {
    const [flag, template] = entry;
    const name = WHOLE.exec(template)?.[1];
    if (name === undefined || /[{}]/.test(flag)) return text('pipelines.badPair', { entry: `[${flag}, ${template}]` });
    return valuePart(name, flag, 'separate', parameters);
  }
  if ('literal' in entry) return { kind: 'literal', value: entry.literal };
  if ('boolean' in entry) {
    const { boolean: parameter, whenTrue, whenFalse } = entry;
    if (typeOf(parameter, parameters) !== 'boolean') return text('pipelines.notBoolean', { name: parameter });
    return { kind: 'boolean', parameter, whenTrue, whenFalse };
  }
  const style = entry.style ?? (entry.flag === null ? 'bare' : 'equals');
  if (style !== 'bare' && entry.flag === null) return text('pipelines.styleWithoutFlag', { name: entry.value });
  const part = valuePart(entry.value, entry.flag, style, parameters);
  return typeof part !== 'string' && part.kind === 'value' && entry.keepEmpty ? { ...part, keepEmpty: true } : part;
}

/** Where a manifest lists no arguments: `--name=value` for each parameter, `--name` for a boolean that is on. */
export function defaultArguments(parameters: readonly Parameter[]): ArgumentPart[] {
  const rendered = parameters.filter(({ type }) => type !== 'table');
  return rendered.map(({ name, type }) =>
    type === 'boolean'
      ? { kind: 'boolean', parameter: name, whenTrue: `--${name}`, whenFalse: null }
      : { kind: 'value', parameter: name, flag: `--${name}`, style: 'equals' },
  );
}

function fromText(entry: string, parameters: readonly Parameter[]): ArgumentPart | string {
  const whole = WHOLE.exec(entry)?.[1];
  if (whole !== undefined) return valuePart(whole, null, 'bare', parameters);
  const [, flag, name] = FLAGGED.exec(entry) ?? [];
  if (flag !== undefined && name !== undefined) return valuePart(name, flag, 'equals', parameters);
  if (/\{\w+\}/.test(entry)) return text('pipelines.badTemplate', { entry });
  return { kind: 'literal', value: entry };
}

function valuePart(
  name: string,
  flag: string | null,
  style: 'bare' | 'separate' | 'equals',
  parameters: readonly Parameter[],
): ArgumentPart | string {
  if (name === OUTPUT_FOLDER) return { kind: 'outputFolder', flag, style };
  const type = typeOf(name, parameters);
  if (type === undefined) return text('pipelines.unknownInArguments', { name });
  if (type === 'table') return text('pipelines.tableInArguments', { name });
  if (type !== 'boolean') return { kind: 'value', parameter: name, flag, style };
  if (style === 'separate') return text('pipelines.booleanPair', { name });
  const before = flag === null ? '' : `${flag}=`;
  return { kind: 'boolean', parameter: name, whenTrue: `${before}true`, whenFalse: `${before}false` };
}

function typeOf(name: string, parameters: readonly Parameter[]): Parameter['type'] | undefined {
  return parameters.find((parameter) => parameter.name === name)?.type;
}
