import { fileInWords } from '../../common/chains/after-run-words';
import { wordInReadersWords } from '../../common/pipelines/pipeline-words';
import type { RunDetails } from '../../common/queue/run.entity';
import { text } from '../../locales/text';

/** Entered values in one line for a list, and all of them for its title. */
export interface ParameterSummary {
  short: string;
  all: string;
}

const SHOWN = 3;
/** Of a list. */
const MOST_VALUES = 20;

/** Reads what stands in the row as the unknown that it is: it was written by another version, perhaps. */
export function summariseParameters({ parameters, manifest }: Pick<RunDetails, 'parameters' | 'manifest'>): ParameterSummary {
  const described = Array.isArray(manifest['parameters'])
    ? (manifest['parameters'] as { name: string; label?: string; type?: string }[])
    : [];
  const word = (label: string) => wordInReadersWords(typeof manifest['id'] === 'string' ? manifest['id'] : undefined, label);
  const told = described
    .filter(({ name, type }) => type !== 'output' && type !== 'constant' && parameters[name] !== undefined)
    .map(({ name, label, type }) =>
      text('queue.parameter', { label: label ? word(label) : name, value: valueInWords(parameters[name], type) }),
    );
  const short = told.slice(0, SHOWN);
  if (told.length > SHOWN) short.push(text('queue.moreParameters', { count: told.length - SHOWN }));
  return { short: short.join(' · '), all: told.join('\n') };
}

function valueInWords(value: unknown, type = ''): string {
  if (type === 'table') return text('queue.rows', { count: Array.isArray(value) ? value.length : 0 });
  if (Array.isArray(value) && value.length > MOST_VALUES) {
    return text('queue.moreValues', { values: valueInWords(value.slice(0, MOST_VALUES), type), count: value.length - MOST_VALUES });
  }
  if (Array.isArray(value)) return value.map((one) => valueInWords(one, type)).join(', ');
  if (typeof value === 'boolean') return text(value ? 'queue.yes' : 'queue.no');
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  return type === 'file' || type === 'files' ? fileInWords(value) : value;
}
