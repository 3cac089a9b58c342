import type { HandoffRuntime } from '../../../common/pipelines/runtime';
import { text } from '../../../locales/text';
import { PrepareError } from '../executor';

/**
 * Where the program of a hand-off finds a file of this machine. The longest folder that fits decides.
 * @throws PrepareError when it lies outside of all.
 */
export function translate(path: string, pathMap: HandoffRuntime['pathMap']): string {
  const fitting = pathMap
    .map(({ outside, inside }) => ({ outside: outside.replace(/\/+$/, ''), inside: inside.replace(/\/+$/, '') }))
    .filter(({ outside }) => path === outside || path.startsWith(`${outside}/`))
    .sort((one, other) => other.outside.length - one.outside.length)[0];
  if (!fitting) throw new PrepareError(text('runner.handoffOutside', { path }));
  return fitting.inside + path.slice(fitting.outside.length) || '/';
}
