import { text } from '../../locales/text';
import { isPlace, isValuePart, parseTemplate } from './argument-files/templates';
import type { ArgumentPart, Parameter, PlaceTemplate } from './manifest';
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
  if (typeof part === 'string' || part.kind !== 'value') return part;
  return { ...part, ...(entry.keepEmpty && { keepEmpty: true }), ...(entry.join !== undefined && { join: entry.join }) };
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
  if (!/\{\w+\}/.test(entry)) return { kind: 'literal', value: entry };
  // Places are the same for everybody: around them there may be text.
  const template = parseTemplate(entry, new Map());
  if (typeof template === 'string' || !isOfPlaces(template, parameters)) return text('pipelines.badTemplate', { entry });
  return { kind: 'template', flag: null, style: 'bare', template };
}

function valuePart(
  name: string,
  flag: string | null,
  style: 'bare' | 'separate' | 'equals',
  parameters: readonly Parameter[],
): ArgumentPart | string {
  if (name === OUTPUT_FOLDER) return { kind: 'outputFolder', flag, style };
  const parameter = parameters.find((one) => one.name === name);
  if (parameter === undefined && isPlace(name)) return { kind: 'template', flag, style, template: [{ place: name }] };
  if (parameter === undefined) return text('pipelines.unknownInArguments', { name });
  if (parameter.type === 'table') return text('pipelines.tableInArguments', { name });
  if (parameter.type !== 'boolean') return { kind: 'value', parameter: name, flag, style };
  if (style === 'separate') return text('pipelines.booleanPair', { name });
  const before = flag === null ? '' : `${flag}=`;
  const { true: yes, false: no } = parameter.spelling ?? { true: 'true', false: 'false' };
  return { kind: 'boolean', parameter: name, whenTrue: before + yes, whenFalse: before + no };
}

/** A parameter that is called as a place goes before it. */
function isOfPlaces(template: ReturnType<typeof parseTemplate> & object, parameters: readonly Parameter[]): template is PlaceTemplate {
  return template.every((part) => !isValuePart(part) && (typeof part === 'string' || typeOf(part.place, parameters) === undefined));
}

function typeOf(name: string, parameters: readonly Parameter[]): Parameter['type'] | undefined {
  return parameters.find((parameter) => parameter.name === name)?.type;
}
