import type { Request } from 'express';
import { text, type TextKey } from '../../locales/text';
import { basePathOf, currentPath, safePath } from './addresses';
import { changesSomething } from './csrf';
import type { Failure } from './failure';

/** A link on an error page. */
export interface Way {
  /** Below the base path. */
  path: string;
  label: string;
}

const HOME = { path: '/', key: 'common.home' } as const;

/** What is said where the project or the run itself is not there, or not for this reader. */
const WHOLLY_GONE = new Set<TextKey | undefined>([undefined, 'errors.notFound', 'errors.noSuchProject', 'errors.noSuchRun']);

/** Two ways on from an error page, the likelier first. */
export function waysOn({ status, key }: Pick<Failure, 'status' | 'key'>, request: Request): Way[] {
  const path = currentPath(request);
  const places = request.user
    ? placesNear(path, status === 404 && !WHOLLY_GONE.has(key))
    : status >= 500
      ? [way(HOME.path, HOME.key), way('/login', 'common.logIn')]
      : [way('/login', 'common.logIn'), way(HOME.path, HOME.key)];
  if (status === 401)
    return [way(`/login?next=${encodeURIComponent(pageBehind(request) ?? '/')}`, 'common.logIn'), way(HOME.path, HOME.key)];
  const page = pageBehind(request);
  if (status === 404 || status === 405 || page === undefined || (status === 403 && !changesSomething(request))) return places;
  return [way(page, changesSomething(request) ? 'errors.backToPage' : 'errors.tryAgain'), places[0]];
}

/** @param isInside something within a project or a run is missing, which itself is there. */
function placesNear(path: string, isInside: boolean): Way[] {
  const [projects, queue] = [way('/projects', 'common.projects'), way('/queue', 'common.queue')];
  const inside = isInside ? /^(\/projects\/[\w-]{36}|\/runs\/\d+)(?=[/?]|$)/.exec(path)?.[1] : undefined;
  if (path.startsWith('/runs/')) return inside ? [way(inside, 'errors.backToRun'), queue] : [queue, projects];
  return inside ? [way(inside, 'errors.backToProject'), projects] : [projects, queue];
}

/** The page that was asked for, or for a form the page on which it stood, as far as the browser tells. */
function pageBehind(request: Request): string | undefined {
  if (!changesSomething(request)) return currentPath(request);
  const from = request.headers.referer;
  if (from === undefined || !URL.canParse(from)) return undefined;
  const { host, pathname, search } = new URL(from);
  if (host !== request.host) return undefined;
  const basePath = basePathOf(request);
  const path = `${pathname}${search}`;
  return path.startsWith(`${basePath}/`) ? safePath(path.slice(basePath.length), '') || undefined : undefined;
}

function way(path: string, key: Parameters<typeof text>[0]): Way {
  return { path, label: text(key) };
}
