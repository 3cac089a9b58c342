import type { HandoffRuntime } from '../../../common/pipelines/runtime';
import { text } from '../../../locales/text';
import { PrepareError, type Assignment } from '../executor';
import { translate } from './path-map';

const SAFE_WORD = /^[\w@%+=:,./-]+$/;

type Places = Pick<Assignment, 'argv' | 'cwd' | 'projectFolder' | 'inputs'>;

/**
 * The content of the file of arguments: what a launcher, or the program itself, reads instead of a command line.
 *
 * `lines`: each argument is one line as it stands. `line`: all arguments on one line, each quoted where a shell would read it
 * otherwise, so that a batch list whose lines go to a shell (PIPEX) gets exactly these arguments. Neither can hold a line break.
 * @throws PrepareError when an argument does not fit, or names a file that the program cannot reach.
 */
export function renderArgumentsFile({ form, pathMap }: Pick<HandoffRuntime, 'form' | 'pathMap'>, places: Places): string {
  const words = translatePaths(pathMap, places);
  // oxlint-disable-next-line no-control-regex
  const bad = words.find((word) => /[\u0000-\u0008\u000A-\u001F\u007F\u0085\u2028\u2029]/u.test(word));
  if (bad !== undefined) throw new PrepareError(text('runner.handoffLineBreak', { word: bad.slice(0, 60) }));
  return form === 'lines' ? words.map((word) => `${word}\n`).join('') : `${words.map(quoteForShell).join(' ')}\n`;
}

/** The arguments with the paths of this machine as the program sees them: those that are, or end in `=` and, a path of this run. */
function translatePaths(pathMap: HandoffRuntime['pathMap'], { argv, cwd, projectFolder, inputs }: Places): string[] {
  if (pathMap.length === 0) return [...argv];
  const known = [cwd, projectFolder, ...inputs];
  return argv.map((word) => {
    const at = startOfPath(word, known);
    return at === null ? word : word.slice(0, at) + translate(word.slice(at), pathMap);
  });
}

/** For any POSIX shell; what bash alone understands is of no use here. */
function quoteForShell(word: string): string {
  return SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function startOfPath(word: string, known: readonly string[]): number | null {
  for (const start of [0, word.indexOf('=/') + 1]) {
    const path = word.slice(start);
    if (known.some((one) => path === one || path.startsWith(`${one}/`))) return start;
  }
  return null;
}
