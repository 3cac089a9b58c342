import { text } from '../../../locales/text';
import { COMPONENTS, type JsonSchema } from './json-schemas';

/** A row of a list of fields. */
export interface Field {
  /** With those around it: `parameters.sigma`, `items[].name`. */
  name: string;
  /** As JSON Schema calls it. */
  type: string;
  /** The object of which there is a list of fields; null: it is no such. */
  object: string | null;
  isNeeded: boolean;
  says: string;
  /** Where in the request it stands; '' in a body. */
  place: string;
}

/** Deeper ones are looked up in the document. */
const MOST_STEPS = 3;

/** The fields of an object, and of those in it that have no name of their own. */
export function fieldsOf(schema: JsonSchema): Field[] {
  return within(schema, '', 0);
}

/** The name of the schema that is meant, where it has one; null otherwise. */
export function nameOfRef({ $ref }: JsonSchema): string | null {
  return $ref?.startsWith(COMPONENTS) ? $ref.slice(COMPONENTS.length) : null;
}

/** In words for a table: `string`, `integer, 1 to 200`, `"queued" | "running"`. */
export function typeOf(schema: JsonSchema): string {
  const { $ref, type, items, anyOf, oneOf, enum: values, const: value, format } = schema;
  const name = nameOfRef({ $ref });
  if (name !== null) return name;
  if (value !== undefined) return JSON.stringify(value);
  if (values) return values.map((one) => JSON.stringify(one)).join(' | ');
  const choices = anyOf ?? oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(' | ');
  if (items) return `${typeOf(items)}[]`;
  if (type === undefined) return 'any';
  return [[type].flat().join(' | '), format === undefined ? '' : `(${format})`, boundsOf(schema)].filter((part) => part !== '').join(' ');
}

/** Limits that are those of numbers in JavaScript tell nothing. */
function boundsOf({ minimum, maximum, default: preset }: JsonSchema): string {
  const least = typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER ? `≥ ${minimum}` : '';
  const most = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? `≤ ${maximum}` : '';
  const usual = preset === undefined ? '' : `= ${JSON.stringify(preset)}`;
  return [least, most, usual].filter((part) => part !== '').join(', ');
}

function within(schema: JsonSchema, before: string, steps: number): Field[] {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices && before === '') return choices.flatMap((choice, index) => [alternative(index), ...within(choice, before, steps)]);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${before}${name}`;
    const object = objectIn(property);
    const field = {
      name: path,
      type: typeOf(property),
      object,
      isNeeded: schema.required?.includes(name) ?? false,
      says: property.description ?? '',
      place: '',
    };
    const inner = object !== null || steps === MOST_STEPS ? null : innerOf(property);
    return inner === null ? [field] : [field, ...within(inner.schema, `${path}${inner.joint}`, steps + 1)];
  });
}

function alternative(index: number): Field {
  return { name: text(index === 0 ? 'api.either' : 'api.or'), type: '', object: null, isNeeded: false, says: '', place: '' };
}

function innerOf(schema: JsonSchema): { schema: JsonSchema; joint: string } | null {
  if (schema.properties) return { schema, joint: '.' };
  if (schema.items?.properties) return { schema: schema.items, joint: '[].' };
  const some = (schema.anyOf ?? []).find(({ properties }) => properties);
  return some ? { schema: some, joint: '.' } : null;
}

function objectIn(schema: JsonSchema): string | null {
  const parts = [schema, schema.items ?? {}, ...(schema.anyOf ?? [])];
  return parts.map(nameOfRef).find((name) => name !== null) ?? null;
}
