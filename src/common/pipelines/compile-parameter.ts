import type { Parameter } from './manifest';
import { MOST_CELLS, MOST_ROWS } from './manifest-defaults';
import type { ParameterFields } from './manifest-schema';
import { readableName } from './names';
import type { Column } from './rich-parameters';
import type { ColumnFields, SectionFields } from './rich-schema';

type TableFields = Extract<ParameterFields, { type: 'table' }>;

/**
 * A parameter is required unless it has a default, says when, or says otherwise; a box to tick and an earlier run are only where they
 * say so. A section's condition is one of its parameters, too.
 */
export function compileParameter(fields: ParameterFields, sections: readonly SectionFields[] = []): Parameter {
  const { when, requiredWhen, ...parameter } = fields.type === 'table' ? compileTable(fields) : fields;
  const mayBeEmpty = hasDefault(parameter) || requiredWhen !== undefined || parameter.type === 'run';
  const required = parameter.type === 'boolean' ? false : (parameter.required ?? !mayBeEmpty);
  const condition = conditionWithin(when, sections.find(({ id }) => id === parameter.section)?.when);
  const label = parameter.label ?? readableName(parameter.name);
  return defined({ ...parameter, label, required, when: condition, requiredWhen }) as Parameter;
}

function compileTable({ columns, maxRows, ...table }: TableFields) {
  return { ...table, columns: columns.map(compileColumn), maxRows: maxRows ?? mostRows(columns.length) };
}

/** As many rows as a form can hold. */
export function mostRows(columns: number): number {
  return Math.min(MOST_ROWS, Math.floor(MOST_CELLS / columns));
}

function compileColumn(fields: ColumnFields): Column {
  const required = fields.type === 'boolean' ? false : (fields.required ?? !hasDefault(fields));
  const label = fields.label ?? readableName(fields.name);
  return defined({ ...fields, label, required, advanced: false }) as Column;
}

function hasDefault(fields: object): boolean {
  if (!('default' in fields) || fields.default === null || fields.default === '') return false;
  return !Array.isArray(fields.default) || fields.default.length > 0;
}

/** Both must hold. */
export function conditionWithin(own: string | undefined, section: string | undefined): string | undefined {
  if (own === undefined || section === undefined) return own ?? section;
  return `(${section}) and (${own})`;
}

/** Without the fields that were left out. */
function defined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
