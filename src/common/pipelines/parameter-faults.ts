import { text } from '../../locales/text';
import { compileParameter, mostRows } from './compile-parameter';
import type { FieldFault } from './condition-faults';
import type { Parameter } from './manifest';
import { MOST_CELLS } from './manifest-defaults';
import type { ParameterFields } from './manifest-schema';
import { isPipelineId } from './names';
import { checkNumber, checkOutput, checkString, type Checked } from './plain-fields';
import { checkList, checkPick } from './rich-fields';
import type { ColumnFields } from './rich-schema';

type Of<Type extends ParameterFields['type']> = Extract<ParameterFields, { type: Type }>;

/** What is wrong with a parameter by itself, each with the field below it. @param before the parameters above it. */
export function parameterFaults(parameter: ParameterFields, before: readonly ParameterFields[]): FieldFault[] {
  const { name } = parameter;
  const isTwice = before.some((earlier) => earlier.name === name);
  return [...(isTwice ? [fault('name', text('pipelines.parameterTwice', { name }))] : []), ...valueFaults(parameter)];
}

/** What the form would say of a default that nobody touched. */
function defaultFaults(parameter: ParameterFields | ColumnFields): FieldFault[] {
  const compiled = compileParameter({ ...parameter, required: false } as ParameterFields);
  const error = refusalOf(compiled);
  return error === undefined ? [] : [fault('default', text('pipelines.badListDefault', { name: parameter.name, fault: error }))];
}

function refusalOf(parameter: Parameter): string | undefined {
  const checked = ((): Checked => {
    switch (parameter.type) {
      case 'string':
      case 'text':
        return checkString(parameter, parameter.default);
      case 'integer':
      case 'number':
        return checkNumber(parameter, String(parameter.default ?? ''));
      case 'output':
        return checkOutput(parameter, parameter.default);
      case 'pick':
        // Whether the source has them is another question, and so is how many others are picked.
        return checkPick({ ...parameter, many: true, allowOther: true, minItems: 0 }, parameter.default, { names: new Set() });
      case 'list':
        return checkList(parameter, parameter.default);
      case 'boolean':
      case 'choice':
      case 'choices':
      case 'file':
      case 'files':
      case 'table':
      case 'run':
      case 'constant':
        return { value: undefined };
    }
  })();
  return 'error' in checked ? checked.error : undefined;
}

function valueFaults(parameter: ParameterFields | ColumnFields): FieldFault[] {
  switch (parameter.type) {
    case 'integer':
    case 'number':
      return withDefault(numberFaults(parameter), parameter);
    case 'choice':
      return choiceFaults(parameter, parameter.default === '' ? [] : [parameter.default]);
    case 'choices':
      return [...choiceFaults(parameter, parameter.default), ...countFaults(parameter)];
    case 'files':
      return countFaults(parameter);
    case 'list':
      return [...listFaults(parameter), ...countFaults(parameter)];
    case 'pick':
      return withDefault([...pickFaults(parameter), ...countFaults(parameter)], parameter);
    case 'table':
      return tableFaults(parameter);
    case 'run': {
      const strange = parameter.pipelines.findIndex((id) => !isPipelineId(id));
      return strange === -1
        ? []
        : [[['pipelines', strange], text('pipelines.badPipelineId', { name: parameter.pipelines[strange] ?? '' })]];
    }
    case 'string':
    case 'text':
    case 'output':
      return defaultFaults(parameter);
    case 'boolean':
    case 'file':
    case 'constant':
      return [];
  }
}

/** A default is weighed by what is right itself. */
function withDefault(faults: FieldFault[], parameter: ParameterFields | ColumnFields): FieldFault[] {
  return faults.length > 0 ? faults : defaultFaults(parameter);
}

function fault(field: PropertyKey, sentence: string): FieldFault {
  return [[field], sentence];
}

function countFaults({ minItems, maxItems }: { minItems: number; maxItems: number }): FieldFault[] {
  return minItems > maxItems ? [fault('minItems', text('pipelines.minAboveMax'))] : [];
}

function numberFaults(parameter: Pick<Of<'integer' | 'number'>, 'name' | 'type' | 'min' | 'max' | 'default' | 'zeroMeans'>): FieldFault[] {
  const { name, type, min, max, default: standard, zeroMeans } = parameter;
  const faults: FieldFault[] = [];
  if (min !== null && max !== null && min > max) faults.push(fault('min', text('pipelines.minAboveMax')));
  if (standard === null || (standard === 0 && zeroMeans !== undefined)) return faults;
  if (type === 'integer' && !Number.isSafeInteger(standard))
    faults.push(fault('default', text('pipelines.badDefault', { name, value: standard })));
  if ((min !== null && standard < min) || (max !== null && standard > max)) {
    faults.push(fault('default', text('pipelines.defaultOutside', { name, value: standard })));
  }
  return faults;
}

function choiceFaults({ name, options }: Pick<Of<'choice'>, 'name' | 'options'>, standard: readonly string[]): FieldFault[] {
  const values = options.map((option) => option.value);
  const faults: FieldFault[] = [];
  if (values.includes('') || new Set(values).size !== values.length) faults.push(fault('options', text('pipelines.badOptions', { name })));
  const strange = standard.find((value) => !values.includes(value));
  if (strange !== undefined) faults.push(fault('default', text('pipelines.defaultNotOption', { name, value: strange })));
  return faults;
}

function listFaults(parameter: Of<'list'>): FieldFault[] {
  const { min, max } = parameter;
  return min !== null && max !== null && min > max ? [fault('min', text('pipelines.minAboveMax'))] : defaultFaults(parameter);
}

function pickFaults({ name, many, default: standard }: Pick<Of<'pick'>, 'name' | 'many' | 'default'>): FieldFault[] {
  return !many && standard.length > 1 ? [fault('default', text('pipelines.oneDefault', { name }))] : [];
}

function tableFaults({ columns, minRows, maxRows }: Of<'table'>): FieldFault[] {
  const names = columns.map(({ name }) => name);
  const faults = columns.flatMap((column, index): FieldFault[] => [
    ...(names.indexOf(column.name) < index ? [columnFault(index, 'name', text('pipelines.columnTwice', { name: column.name }))] : []),
    ...valueFaults(column).map(([path, sentence]): FieldFault => [['columns', index, ...path], sentence]),
  ]);
  const most = mostRows(columns.length);
  if (columns.every(({ type }) => type === 'boolean')) faults.push(fault('columns', text('pipelines.onlyBoxes')));
  if (maxRows !== undefined && maxRows > most) {
    faults.push(fault('maxRows', text('pipelines.tooManyCells', { most: MOST_CELLS, columns: columns.length, rows: most })));
  }
  if (minRows > (maxRows ?? most)) faults.push(fault('minRows', text('pipelines.minAboveMax')));
  return faults;
}

function columnFault(index: number, field: string, sentence: string): FieldFault {
  return [['columns', index, field], sentence];
}
