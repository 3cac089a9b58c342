import type { AccountLink, LinkPurpose } from '../../common/account-links/account-link.entity';
import type { LinkFault, OpenedLink } from '../../common/account-links/account-links';
import { text, type TextKey } from '../../locales/text';

/** What the page of a link that works shows. */
export interface LinkPage {
  title: string;
  pageClass: string;
  lead: string;
  button: string;
  token: string;
  /** Whether a new password is asked for. */
  asksPassword: boolean;
  /** Whether the password of the account is asked for: the reader of a mail need not be who asked for it. */
  asksCurrent: boolean;
}

/** Why a link does not work, and how to get another. */
export interface LinkFaultPage {
  title: string;
  pageClass: string;
  sentence: string;
  help: string;
  way: { path: string; label: string } | null;
}

const PAGES: Record<LinkPurpose, { title: TextKey; lead: TextKey; button: TextKey }> = {
  confirm: { title: 'accounts.confirmTitle', lead: 'accounts.confirmLead', button: 'accounts.confirmButton' },
  reset: { title: 'accounts.resetTitle', lead: 'accounts.resetLead', button: 'accounts.resetButton' },
  move: { title: 'accounts.moveTitle', lead: 'accounts.moveLead', button: 'accounts.moveButton' },
  invite: { title: 'accounts.signUpTitle', lead: 'accounts.signUpLead', button: 'common.signUp' },
};

const FAULTS: Record<LinkFault, TextKey> = {
  unknown: 'accounts.linkUnknown',
  used: 'accounts.linkUsed',
  replaced: 'accounts.linkReplaced',
  over: 'accounts.linkOver',
};

const AGAIN: Record<LinkPurpose, { help: TextKey; way: { path: string; label: TextKey } | null }> = {
  confirm: { help: 'accounts.againConfirm', way: { path: '/login', label: 'common.logIn' } },
  reset: { help: 'accounts.againReset', way: { path: '/forgot', label: 'accounts.newLink' } },
  move: { help: 'accounts.againMove', way: { path: '/account', label: 'accounts.accountTitle' } },
  invite: { help: 'accounts.againInvite', way: { path: '/login', label: 'common.logIn' } },
};

/** @param isOwner whether its reader is logged in with the account of the link. */
export function linkPage({ purpose, email }: Pick<AccountLink, 'purpose' | 'email'>, token: string, isOwner: boolean): LinkPage {
  const { title, lead, button } = PAGES[purpose];
  return {
    title: text(title),
    pageClass: 'page-narrow',
    lead: text(lead, { email: email ?? '' }),
    button: text(button),
    token,
    asksPassword: purpose === 'reset',
    asksCurrent: !isOwner && (purpose === 'confirm' || purpose === 'move'),
  };
}

/** @param opened a link that does not work. */
export function faultPage({ link, fault }: OpenedLink): LinkFaultPage {
  const again = link ? AGAIN[link.purpose] : { help: 'accounts.againUnknown' as const, way: AGAIN.reset.way };
  return {
    title: text('accounts.linkFaultTitle'),
    pageClass: 'page-narrow',
    sentence: text(FAULTS[fault ?? 'unknown']),
    help: text(again.help),
    way: again.way && { path: again.way.path, label: text(again.way.label) },
  };
}
