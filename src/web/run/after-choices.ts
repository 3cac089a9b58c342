import { MOST_GLOB, formatResultReference } from '../../common/chains/after-run';
import { accepts } from '../../common/pipelines/accept';
import type { Parameter } from '../../common/pipelines/manifest';
import type { FollowedRun } from './followed-runs';
import type { FileChoice } from './input-files';

/**
 * What a form offers of a run that is to be followed: the results that its pipeline says it gives, and one pattern for each ending that
 * fields take and no such result has.
 */
export function afterChoices(after: FollowedRun | null, parameters: readonly Parameter[]): FileChoice[] {
  if (!after) return [];
  const globs = after.outputs.map(({ glob }) => glob).filter((glob) => glob.length <= MOST_GLOB);
  const titles = new Map(after.outputs.map(({ glob, title }) => [glob, title]));
  const endings = parameters.flatMap((parameter) => (parameter.type === 'file' || parameter.type === 'files' ? parameter.accept : []));
  const missing = endings.filter((ending) => !globs.some((glob) => accepts([ending], glob)));
  const all = [...new Set([...globs, ...missing.map((ending) => `**/*${ending}`)])];
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
