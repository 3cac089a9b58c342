import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { TooManyRequestsError } from '../../common/errors';

const MINUTE = 60;
const HOUR = 3600;

/** Tries in a span of seconds. A course of thirty may sign up behind one address; a password list may not be tried. */
const LIMITS = {
  logInToAccount: { points: 5, duration: 15 * MINUTE },
  logIn: { points: 50, duration: HOUR },
  /** What seems to come from the provider of log-ins, and is refused. */
  logOutThere: { points: 50, duration: HOUR },
  signUp: { points: 60, duration: HOUR },
  /** Passwords that are asked for again, by account. */
  prompt: { points: 5, duration: 15 * MINUTE },
  /** Mails with a link: for one network, from one network to one address, and to one address in all, so that nobody's mailbox is filled. */
  links: { points: 20, duration: HOUR },
  linkTo: { points: 3, duration: 15 * MINUTE },
  linkFromAll: { points: 20, duration: HOUR },
  /** Mails about projects that somebody shares, and those to one address. */
  sharing: { points: 60, duration: HOUR },
  sharingTo: { points: 3, duration: HOUR },
  guest: { points: 60, duration: HOUR },
} as const;

export type Limited = keyof typeof LIMITS;

/** Counts tries in the memory of this process. It delays and never locks: nobody can shut another's account. */
@Injectable()
export class RateLimits {
  private readonly limiters = new Map(
    Object.entries(LIMITS).map(([name, limit]) => [name, new RateLimiterMemory({ ...limit, keyPrefix: name })]),
  );

  /**
   * Takes one try.
   * @param who network address, or several words that belong together.
   * @throws TooManyRequestsError that says when the next try counts.
   */
  async take(what: Limited, ...who: string[]): Promise<void> {
    try {
      await this.limiter(what).consume(keyOf(who));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new TooManyRequestsError('errors.tooManyTries', Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
    }
  }

  /**
   * Takes one try of sending a link. Others who ask for links to the same address do not use up what its owner may ask for, short of many
   * networks at once.
   * @param address to which it goes. @param network from which it is asked for. @throws TooManyRequestsError.
   */
  async takeLink(address: string, network: string): Promise<void> {
    await this.take('links', network);
    await this.take('linkTo', address, network);
    await this.take('linkFromAll', address);
  }

  /** Gives a try back that turned out to be right. */
  async giveBack(what: Limited, ...who: string[]): Promise<void> {
    await this.limiter(what).reward(keyOf(who));
  }

  private limiter(what: Limited): RateLimiterMemory {
    return this.limiters.get(what)!;
  }
}

/**
 * The part of a network address that one household or machine holds: all of IPv4, the /64 of IPv6, whose owner has the other 64 bits
 * to choose from.
 */
export function networkOf(address: string | undefined): string {
  const plain = (address ?? 'unknown').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [, high, low] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${plain}]`).hostname) ?? [];
  if (high !== undefined && low !== undefined) return [high, low].flatMap(bytesOf).join('.');
  const groups = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const [head = '', tail] = groups;
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const whole = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return `${whole.slice(0, 4).join(':')}::/64`;
}

/** @param group of an IPv6 address. */
function bytesOf(group: string): number[] {
  const number = Number.parseInt(group, 16);
  return [number >> 8, number & 255];
}

function keyOf(who: readonly string[]): string {
  return JSON.stringify(who);
}
