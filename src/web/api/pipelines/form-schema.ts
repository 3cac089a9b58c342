import type { Manifest, Parameter } from '../../../common/pipelines/manifest';
import type { Column } from '../../../common/pipelines/rich-parameters';
import type { JsonSchema } from '../description/json-schemas';

/**
 * The form of a pipeline as a JSON Schema of its `parameters`. What JSON Schema has no word for stands in `x-…`: `x-type` is the field of the
 * form, `x-when` the condition under which it applies. The check of what is sent is the pipeline's own, which knows more than this.
 */
export function formSchema({ parameters, sections = [] }: Pick<Manifest, 'parameters' | 'sections'>): JsonSchema {
  const shown = parameters.filter(({ type }) => type !== 'constant');
  const isNeeded = ({ required, when, section }: Parameter) => required && when === undefined && !hasCondition(sections, section);
  return {
    type: 'object',
    properties: Object.fromEntries(shown.map((parameter) => [parameter.name, fieldSchema(parameter)])),
    required: shown.filter((parameter) => isNeeded(parameter) && defaultOf(parameter) === undefined).map(({ name }) => name),
    additionalProperties: false,
    ...(sections.length > 0 ? { 'x-sections': sections } : {}),
  };
}

function hasCondition(sections: NonNullable<Manifest['sections']>, id: string | undefined): boolean {
  return sections.some((section) => section.id === id && section.when !== undefined);
}

function fieldSchema(parameter: Parameter): JsonSchema {
  const { type, label, help, when, requiredWhen, examples, advanced, section } = parameter;
  const preset = defaultOf(parameter);
  return {
    ...shapeOf(parameter),
    title: label,
    ...(help === '' ? {} : { description: help }),
    ...(preset === undefined ? {} : { default: preset }),
    ...(examples ? { examples } : {}),
    'x-type': type,
    ...(when === undefined ? {} : { 'x-when': when }),
    ...(requiredWhen === undefined ? {} : { 'x-required-when': requiredWhen }),
    ...(advanced ? { 'x-advanced': true } : {}),
    ...(section === undefined ? {} : { 'x-section': section }),
  };
}

function shapeOf(parameter: Parameter | Column): JsonSchema {
  switch (parameter.type) {
    case 'string':
      return { type: 'string', maxLength: parameter.maxLength, ...(parameter.pattern === null ? {} : { pattern: parameter.pattern }) };
    case 'text':
      return { type: 'string', maxLength: parameter.maxLength };
    case 'integer':
    case 'number':
      return numberShape(parameter);
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { enum: parameter.options.map(({ value }) => value), 'x-labels': parameter.options.map(({ label }) => label) };
    case 'file':
      return { type: 'string', 'x-accept': parameter.accept };
    case 'output':
      return { type: 'string', 'x-extension': parameter.extension };
    case 'run':
      return { type: 'integer', 'x-pipelines': parameter.pipelines };
    case 'constant':
      return { const: parameter.default };
    case 'files':
      return { type: 'array', items: { type: 'string' }, ...bounds(parameter), 'x-accept': parameter.accept };
    case 'choices':
      return { type: 'array', items: { enum: parameter.options.map(({ value }) => value) }, uniqueItems: true, ...bounds(parameter) };
    case 'list':
      return { type: 'array', items: { type: parameter.items }, uniqueItems: parameter.unique, ...bounds(parameter) };
    case 'pick':
      return parameter.many
        ? { type: 'array', items: { type: 'string' }, ...bounds(parameter), 'x-source': parameter.from }
        : { type: 'string', 'x-source': parameter.from };
    case 'table':
      return tableShape(parameter);
  }
}

function tableShape({ columns, minRows, maxRows }: Extract<Parameter, { type: 'table' }>): JsonSchema {
  const row: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(columns.map((column) => [column.name, { ...shapeOf(column), title: column.label }])),
    additionalProperties: false,
  };
  return { type: 'array', items: row, minItems: minRows, maxItems: maxRows };
}

function numberShape(parameter: Extract<Parameter, { type: 'integer' | 'number' }>): JsonSchema {
  const { type, min, max, unit, zeroMeans } = parameter;
  return {
    type,
    // Where 0 means something of its own it lies outside of the range.
    ...(min === null || zeroMeans !== undefined ? {} : { minimum: min }),
    ...(max === null || zeroMeans !== undefined ? {} : { maximum: max }),
    ...(unit === '' ? {} : { 'x-unit': unit }),
    ...(zeroMeans === undefined ? {} : { 'x-zero-means': zeroMeans }),
  };
}

function bounds({ minItems, maxItems }: { minItems: number; maxItems: number }): JsonSchema {
  return { minItems, maxItems };
}

function defaultOf(parameter: Parameter): unknown {
  if (!('default' in parameter)) return undefined;
  const { default: preset } = parameter;
  return preset === null || preset === '' || (Array.isArray(preset) && preset.length === 0) ? undefined : preset;
}
