import { posix } from 'node:path';

/** One folder under its two names. */
export interface PathPair {
  inside: string;
  outside: string;
}

/**
 * Where a file of this runner lies for the Docker Engine: the same place, unless the runner itself lives in a container, where the
 * engine knows only the names of the host. The longest folder that fits decides.
 */
export function hostPath(path: string, pairs: readonly PathPair[]): string {
  const fitting = pairs.filter(({ inside }) => path === inside || path.startsWith(inside === '/' ? '/' : `${inside}/`));
  const [best] = fitting.sort((a, b) => b.inside.length - a.inside.length);
  return best ? posix.join(best.outside, path.slice(best.inside.length)) : path;
}
