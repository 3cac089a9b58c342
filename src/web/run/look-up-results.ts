import { isResultGlob, MOST_GLOB, MOST_WILDCARDS } from '../../common/chains/after-run';
import type { Result } from '../../common/chains/result-files';
import { DomainError } from '../../common/errors';
import type { FileLookup } from '../../common/pipelines/file-fields';
import { compileGlob } from '../../common/pipelines/output-glob';
import { text } from '../../locales/text';
import type { FollowedRun } from './followed-runs';

/**
 * What a pattern for results means: its ending stands for those of the files. Of a run that has succeeded it has to fit something.
 * @param resultsOf finds the results of a run by its number; what it is refused for becomes the fault of the field.
 */
export async function lookUpResults(
  glob: string,
  after: FollowedRun | null,
  resultsOf: (number: number) => Promise<readonly Pick<Result, 'name'>[]>,
): ReturnType<FileLookup> {
  if (!after) return { fault: text('chains.noRunBefore', { glob: glob.slice(0, MOST_GLOB) }) };
  if (!isResultGlob(glob)) return { fault: text('chains.badPattern', { most: MOST_GLOB, wildcards: MOST_WILDCARDS }) };
  const name = glob.slice(glob.lastIndexOf('/') + 1);
  if (!after.isOver) return { name };
  try {
    const fits = compileGlob(glob);
    const isAny = (await resultsOf(after.number)).some((result) => fits(result.name));
    return isAny ? { name } : { fault: text('chains.noResult', { number: after.number, glob }) };
  } catch (error) {
    if (error instanceof DomainError) return { fault: error.message };
    throw error;
  }
}
