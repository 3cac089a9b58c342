import type { Request } from 'express';
import type { AppConfig } from '../../common/config/app-config';
import { text } from '../../locales/text';
import { safePath } from '../http/addresses';
import { COOKIES, readKeyCookie } from '../http/cookies';

/** What the log-in and sign-up pages show. The password is never among it. */
export interface AccountForm {
  title: string;
  pageClass: string;
  email: string;
  /** Page to go on to, below the base path; undefined when it is the home page anyway. */
  next: string | undefined;
  /** Whether the visitor works as a guest already, and would take everything along. */
  isGuest: boolean;
  /** Whether typing begins in the address, or in the password. */
  focusEmail: boolean;
  guests: { days: number; isBack: boolean } | null;
}

export function accountForm(
  page: 'signUp' | 'logIn',
  config: AppConfig,
  request: Request,
  entered: { next?: unknown; email?: string; focus?: 'email' | 'password' },
): AccountForm {
  const { ALLOW_GUESTS, GUEST_DAYS } = config.settings;
  const next = safePath(entered.next);
  const isGuest = request.user?.kind === 'guest';
  return {
    title: text(page === 'signUp' ? 'accounts.signUpTitle' : 'accounts.logInTitle'),
    pageClass: 'page-narrow',
    email: (entered.email ?? '').slice(0, 300),
    next: next === '/' ? undefined : next,
    isGuest,
    focusEmail: entered.focus !== 'password',
    guests: ALLOW_GUESTS && !isGuest ? { days: GUEST_DAYS, isBack: readKeyCookie(request, COOKIES.guest) !== undefined } : null,
  };
}
