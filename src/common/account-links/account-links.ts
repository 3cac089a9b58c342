import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { hashOfKey, isKey, newKey } from '../keys';
import type { AccountLink, LinkPurpose } from './account-link.entity';
import { AccountLinksRepository, type LinkTarget } from './account-links.repository';

/** Why a link does not work. */
export type LinkFault = 'unknown' | 'used' | 'replaced' | 'over';

/** A link that was opened: what it is good for, or why it is good for nothing. */
export type OpenedLink = { link: AccountLink; fault: null } | { link: AccountLink | null; fault: LinkFault };

const HOUR_MS = 3_600_000;
/** How long each works, in hours: what sets a password the shortest, what waits for somebody's first visit the longest. */
export const LINK_HOURS: Record<LinkPurpose, number> = { reset: 2, move: 24, confirm: 72, invite: 14 * 24 };

/** Links that work once: made here, looked at any number of times, and used. */
@Injectable()
export class AccountLinks {
  constructor(
    private readonly links: AccountLinksRepository,
    private readonly config: AppConfig,
  ) {}

  /**
   * A new link; earlier ones of its purpose for the same account, or the same invited address, are worth nothing from now on. Links for
   * a new password stay as good as they are: anybody may ask for one, also while its owner waits for another.
   * @param email to which it is sent; null for one that an administrator passes on.
   * @returns its address, the only place where its secret stands.
   */
  async make(purpose: LinkPurpose, userId: string | null, email: string | null): Promise<string> {
    const target: LinkTarget = userId === null ? { email: email ?? '' } : { userId };
    if (purpose !== 'reset') await this.links.replace([purpose], target);
    const token = newKey();
    await this.links.add({ id: randomUUID(), tokenHash: hashOfKey(token), purpose, userId, email }, LINK_HOURS[purpose] * HOUR_MS);
    return `${this.config.publicUrl}/link/${token}`;
  }

  /** Looks at a link and changes nothing: programs that check mails open every link in them. */
  async open(token: string): Promise<OpenedLink> {
    const link = isKey(token) ? await this.links.find(hashOfKey(token)) : null;
    if (!link) return { link, fault: 'unknown' };
    if (link.usedMs !== null) return { link, fault: 'used' };
    if (link.replacedMs !== null) return { link, fault: 'replaced' };
    return (await this.links.isLive(link.id)) ? { link, fault: null } : { link, fault: 'over' };
  }

  /** @returns whether the link worked; it does for one caller only. */
  use({ id }: Pick<AccountLink, 'id'>): Promise<boolean> {
    return this.links.use(id);
  }

  /** What was sent for these purposes is worth nothing any more. @param beforeMs what was sent then or later still is. */
  cancel(userId: string, purposes: readonly LinkPurpose[], beforeMs?: number): Promise<void> {
    return this.links.replace(purposes, { userId }, beforeMs);
  }
}
