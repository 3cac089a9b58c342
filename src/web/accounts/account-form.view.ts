import type { Request, Response } from 'express';
import type { AppConfig } from '../../common/config/app-config';
import { TooManyRequestsError } from '../../common/errors';
import { text } from '../../locales/text';
import { safePath } from '../http/addresses';
import { COOKIES, readCookie, readKeyCookie } from '../http/cookies';
import { areGuestsByAddress } from '../http/guest-keys';
import { instituteWays, type InstituteWays } from './institute/institute-ways.view';

/** What the log-in and sign-up pages show. The password is never among it. */
export interface AccountForm {
  title: string;
  pageClass: string;
  email: string;
  /** Page to go on to, below the base path; undefined when it is the home page anyway. */
  next: string | undefined;
  /** What the log-in is needed for, a sentence. */
  wanted: string;
  /** Whether they may have come by a link that opens nothing any more. */
  linkMayBeOver: boolean;
  /** Whether the visitor works as a guest already, and would take everything along. */
  isGuest: boolean;
  /** Whether there are demo accounts, into which nothing moves. */
  hasDemo: boolean;
  /** Whether typing begins in the address, or in the password. */
  focusEmail: boolean;
  guests: { days: number; isBack: boolean } | null;
  /** Whether the form for a new account is shown; an invitation opens it where it is closed. */
  mayEnter: boolean;
  /** Whether a link is sent before one can log in. */
  confirms: boolean;
  /** How people of the institute log in. */
  institute: InstituteWays;
  /** The secret of the invitation by which somebody came. */
  invitation: string | undefined;
}

/** What the page says after a mail with a link was sent. */
export interface SentPage {
  title: string;
  pageClass: string;
  what: 'confirm' | 'reset';
  email: string;
}

export function sentPage(what: SentPage['what'], email: string): SentPage {
  return { title: text('accounts.sentTitle'), pageClass: 'page-narrow', what, email };
}

export function accountForm(
  page: 'signUp' | 'logIn',
  config: AppConfig,
  request: Request,
  entered: { next?: unknown; email?: string; focus?: 'email' | 'password'; invitation?: string | undefined },
): AccountForm {
  const { ALLOW_GUESTS, GUEST_DAYS, SIGN_UP, VERIFY_EMAIL, SMTP_URL } = config.settings;
  const { invitation } = entered;
  const next = safePath(entered.next);
  const isGuest = request.user?.kind === 'guest';
  return {
    title: text(page === 'signUp' ? 'accounts.signUpTitle' : 'accounts.logInTitle'),
    pageClass: 'page-narrow',
    email: (entered.email ?? '').slice(0, 300),
    next: next === '/' ? undefined : next,
    wanted: wantedWords(next),
    // Nothing but the browser's own cookie is asked, so that strangers learn nothing of what there is.
    linkMayBeOver: /^\/(?:runs|projects)\//.test(next) && readCookie(request, COOKIES.shares) !== undefined,
    isGuest: isGuest && !areGuestsByAddress(config),
    hasDemo: config.settings.DEMO_USERLIST.length > 0,
    focusEmail: entered.focus !== 'password',
    guests:
      ALLOW_GUESTS && !isGuest
        ? { days: GUEST_DAYS, isBack: !areGuestsByAddress(config) && readKeyCookie(request, COOKIES.guest) !== undefined }
        : null,
    mayEnter: SIGN_UP === 'open' || SIGN_UP === 'domains' || invitation !== undefined,
    confirms: invitation === undefined && SMTP_URL !== undefined && (VERIFY_EMAIL || SIGN_UP === 'domains'),
    institute: instituteWays(config, request),
    invitation,
  };
}

/** What the log-in is needed for. */
function wantedWords(next: string): string {
  const number = /^\/runs\/(\d{1,12})(?=[/?#]|$)/.exec(next)?.[1];
  if (number !== undefined) return text('accounts.logInToRun', { number });
  return text(/^\/queue(?=[?#]|$)/.test(next) ? 'accounts.logInToQueue' : 'accounts.logInLead');
}

/** 429 keeps its meaning for programs also when a person sees the form again. */
export function statusOf(error: unknown, response: Response): number {
  if (!(error instanceof TooManyRequestsError)) return 422;
  response.setHeader('Retry-After', String(error.retryAfterSeconds));
  return 429;
}
