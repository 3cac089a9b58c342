import type { Request } from 'express';
import type { AppConfig } from '../../common/config/app-config';
import type { User } from '../../common/users/user.entity';
import { hashOfKey } from '../../common/keys';
import { networkOf } from './rate-limits';

/** Whether guests are known by their network address: then everybody behind one shares a space. */
export function areGuestsByAddress({ settings }: Pick<AppConfig, 'settings'>): boolean {
  return settings.GUEST_KEY === 'ip';
}

/** What stands for a network address where a random key does otherwise; no key looks like it. */
export function addressKey({ ip }: Pick<Request, 'ip'>): string {
  return `network ${networkOf(ip)}`;
}

/**
 * Whether a session of a guest still counts: where an address is the key, only as long as the requests come from there. Where it was the
 * key once and is no longer, such a space is nobody's: its sessions, which know where they began, are worth nothing.
 */
export function isGuestHere(config: AppConfig, person: User, request: Pick<Request, 'ip' | 'session'>): boolean {
  if (person.kind !== 'guest') return true;
  if (areGuestsByAddress(config)) return person.guestKeyHash === hashOfKey(addressKey(request));
  return person.guestKeyHash !== hashOfKey(addressKey({ ip: request.session.from?.address }));
}
