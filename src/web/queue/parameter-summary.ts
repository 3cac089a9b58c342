import { fileInWords } from '../../common/chains/after-run-words';
import { wordInReadersWords } from '../../common/pipelines/pipeline-words';
import type { RunDetails } from '../../common/queue/run.entity';
import { text } from '../../locales/text';

/** Entered values in one line for a list, and all of them for its title. */
export interface ParameterSummary {
  short: string;
  all: string;
}

/** What a stored manifest tells of a field, as far as it is known. */
interface Described {
  name: string;
  label?: string;
  type?: string;
  unit?: string;
  zeroMeans?: string;
  options?: { value: string; label?: string }[];
}

const SHOWN = 3;
/** Of a list. */
const MOST_VALUES = 20;

/** Reads what stands in the row as the unknown that it is: it was written by another version, perhaps. */
export function summariseParameters({ parameters, manifest }: Pick<RunDetails, 'parameters' | 'manifest'>): ParameterSummary {
  const described = Array.isArray(manifest['parameters']) ? (manifest['parameters'] as Described[]) : [];
  const word = (label: string) => wordInReadersWords(typeof manifest['id'] === 'string' ? manifest['id'] : undefined, label);
  const told = described
    .filter(({ name, type }) => type !== 'output' && type !== 'constant' && parameters[name] !== undefined)
    .map(({ name, label, type, unit = '', zeroMeans, options = [] }) => {
      const labels = new Map(options.map((option) => [option.value, word(option.label || option.value)]));
      const value = valueInWords(parameters[name], type, labels);
      const isOff = zeroMeans !== undefined && value !== '' && Number(value) === 0;
      const measured = isOff ? word(zeroMeans) : value === '' ? value : `${value} ${unit}`.trim();
      return text('queue.parameter', { label: label ? word(label) : name, value: measured });
    });
  const short = told.slice(0, SHOWN);
  if (told.length > SHOWN) short.push(text('queue.moreParameters', { count: told.length - SHOWN }));
  return { short: short.join(' · '), all: told.join('\n') };
}

/** What was entered into a form is text, also of a switch. */
function valueInWords(value: unknown, type = '', labels: ReadonlyMap<string, string> = new Map()): string {
  if (type === 'table') return text('queue.rows', { count: Array.isArray(value) ? value.length : 0 });
  if (Array.isArray(value) && value.length > MOST_VALUES) {
    return text('queue.moreValues', { values: valueInWords(value.slice(0, MOST_VALUES), type, labels), count: value.length - MOST_VALUES });
  }
  if (Array.isArray(value)) return value.map((one) => valueInWords(one, type, labels)).join(', ');
  if (typeof value === 'boolean') return text(value ? 'queue.yes' : 'queue.no');
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  if (type === 'boolean' && (value === 'true' || value === 'false')) return text(value === 'true' ? 'queue.yes' : 'queue.no');
  if (labels.has(value)) return labels.get(value)!;
  return type === 'file' || type === 'files' ? fileInWords(value) : value;
}
