import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { AppConfig } from '../../common/config/app-config';
import type { User } from '../../common/users/user.entity';
import { isDemo } from '../../common/users/demo';
import { navigationAt } from '../admin/frame/navigation.view';
import { currentPath } from './addresses';
import { COOKIES, readCookie } from './cookies';
import { takeFlash } from './flash';
import { languageChoices } from './language';

const DAY_MS = 86_400_000;

export type Theme = 'light' | 'dark';

/** The person as pages show them. */
export interface PersonView {
  id: string;
  displayName: string;
  email: string | null;
  isGuest: boolean;
  /** Whether there is a page of the account. */
  hasAccount: boolean;
  /** Whether pages offer nothing that changes anything. */
  isDemo: boolean;
  /** Until when a guest's space is there if nobody comes back; null for accounts. */
  keptUntilMs: number | null;
  isAdmin: boolean;
}

/**
 * What every page has beside its own model. Set before the session is read, so that error pages have it too; what depends on the
 * session, or costs a cookie, is worked out when a page is drawn.
 */
export function viewLocals(csrfToken: (request: Request, response: Response) => string, config: AppConfig): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const { locals } = response;
    locals.currentPath = currentPath(request);
    locals.theme = themeOf(request);
    lazily(locals, 'languages', languageChoices);
    lazily(locals, 'person', () => (request.user ? personView(request.user, config) : null));
    lazily(locals, 'administration', () => (request.user?.isAdmin ? navigationAt(request.app, locals.currentPath) : null));
    lazily(locals, 'sharesProject', () => request.grant?.runId === null);
    lazily(locals, 'csrfToken', () => csrfToken(request, response));
    lazily(locals, 'flash', () => takeFlash(request));
    next();
  };
}

/** @returns undefined for the theme of the device. */
export function themeOf(request: Request): Theme | undefined {
  const theme = readCookie(request, COOKIES.theme);
  return theme === 'light' || theme === 'dark' ? theme : undefined;
}

function personView(person: User, config: AppConfig): PersonView {
  const { id, displayName, email, kind, isAdmin, lastSeenMs } = person;
  const isGuest = kind === 'guest';
  const keptUntilMs = isGuest ? lastSeenMs + config.settings.GUEST_DAYS * DAY_MS : null;
  return { id, displayName, email, isGuest, hasAccount: kind === 'account', isDemo: isDemo(config, person), keptUntilMs, isAdmin };
}

function lazily<Name extends keyof Express.Locals>(target: Express.Locals, name: Name, read: () => Express.Locals[Name]): void {
  let value: { read: Express.Locals[Name] } | undefined;
  Object.defineProperty(target, name, { enumerable: true, configurable: true, get: () => (value ??= { read: read() }).read });
}
