import { compileGlob as compileExpression } from '../../browser/conditions/glob';
import { walkGlob, wildcardsIn } from './glob-walk';

/** Up to so many wildcards for any number of letters a regular expression answers at once. */
const MOST_STARS = 2;

/** As that of the browser, and quick for each pattern, whoever wrote it. */
export function compileGlob(glob: string): (path: string) => boolean {
  const stars = wildcardsIn(glob).filter((wildcard) => wildcard !== '?');
  return stars.length > MOST_STARS ? walkGlob(glob) : compileExpression(glob);
}
