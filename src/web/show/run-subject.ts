import { storedInReadersWords } from '../../common/pipelines/pipeline-words';
import type { RunDetails } from '../../common/queue/run.entity';
import { text } from '../../locales/text';
import { parameterViews, type ParameterView } from './run-facts';

/** Of one parameter. */
const MOST_VALUES = 2;
const MOST_PARTS = 4;

/** What tells a run from others of its pipeline, in one line: its inputs, and what was entered otherwise than offered; '' for nothing. */
export function runSubject(parameters: readonly ParameterView[]): string {
  const inputs = parameters.filter(({ isFile }) => isFile).map(({ values }) => valuesInWords(values));
  const changed = parameters
    .filter((view) => view.changed && !view.isFile)
    .map(({ label, values, unit }) =>
      text('show.subjectPart', {
        label,
        value: values.length === 0 ? text('show.subjectEmpty') : [valuesInWords(values), unit].join(' ').trim(),
      }),
    );
  const parts = [...inputs, ...changed].filter((part) => part !== '');
  const shown = parts.slice(0, MOST_PARTS);
  if (parts.length > MOST_PARTS) shown.push(text('show.moreParts', { count: parts.length - MOST_PARTS }));
  return shown.join(' · ');
}

/** As `runSubject`, from what is stored with a run. */
export function subjectOf(details: Pick<RunDetails, 'parameters' | 'manifest'> | undefined): string {
  if (!details) return '';
  return runSubject(parameterViews({ ...details, manifest: storedInReadersWords(details.manifest) }));
}

function valuesInWords(values: readonly string[]): string {
  if (values.length <= MOST_VALUES) return values.join(', ');
  return text('show.subjectMore', { first: values[0], count: values.length - 1 });
}
