import { MOST_GLOB, formatResultReference } from '../../common/chains/after-run';
import { accepts } from '../../common/pipelines/accept';
import type { Parameter } from '../../common/pipelines/manifest';
import type { FollowedRun } from './followed-runs';
import type { FileChoice } from './input-files';

/**
 * What a form offers of a run that is to be followed: the results that its pipeline says it gives, and one pattern for each ending that
 * fields take and no such result has; for fields that take any file, all of them, where nothing else can be offered.
 */
export function afterChoices(after: FollowedRun | null, parameters: readonly Parameter[]): FileChoice[] {
  if (!after) return [];
  const globs = after.outputs.map(({ glob }) => glob).filter((glob) => glob.length <= MOST_GLOB);
  const titles = new Map(after.outputs.map(({ glob, title }) => [glob, title]));
  const taken = parameters.flatMap(takenBy);
  const endings = taken.flat();
  const missing = endings.filter((ending) => !globs.some((glob) => accepts([ending], glob)));
  const all = [...new Set([...globs, ...missing.map((ending) => `**/*${ending}`)])];
  if (all.length === 0 && taken.length > 0) all.push('**/*');
  return all.map((glob) => {
    const title = titles.get(glob) ?? '';
    return {
      reference: formatResultReference(glob),
      name: glob.slice(glob.lastIndexOf('/') + 1),
      label: title === '' || title === glob ? glob : `${title} (${glob})`,
      size: 0,
      group: 'after',
      run: { number: after.number, title: after.title, finishedMs: null },
    } as const;
  });
}

/** The endings that each place for files of a field takes; none for any. */
function takenBy(parameter: Parameter): (readonly string[])[] {
  if (parameter.type === 'file' || parameter.type === 'files') return [parameter.accept];
  return parameter.type === 'table' ? parameter.columns.flatMap((column) => (column.type === 'file' ? [column.accept] : [])) : [];
}
