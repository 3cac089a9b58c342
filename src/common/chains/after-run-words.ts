import { text } from '../../locales/text';
import type { FileReference } from '../pipelines/manifest';
import { resultGlobOf } from './after-run';

/** `project:`, `inbox:` or `own:` before the path of an input file. */
const FILE_SOURCE = /^(?:project|inbox|own):/;

/** An input file as people read it: its path, or which results of the run before it will be. */
export function fileInWords(reference: FileReference): string {
  const glob = resultGlobOf(reference);
  return glob === null ? reference.replace(FILE_SOURCE, '') : text('chains.resultsThatFit', { glob });
}
