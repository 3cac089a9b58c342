import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { InvalidInputError } from '../errors';

const LEAST_CHARACTERS = 8;
const MOST_CHARACTERS = 200;
/** OWASP's figures for argon2id; about 22 ms on one core. The package's default algorithm is argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Begins a stored hash that was made of the SHA-256 of the password in hexadecimal digits, which is all that another system knew of it. */
const WRAPPED = 'sha256+';

/** Hashes and compares passwords. The slow work happens in the thread pool, not on the event loop. */
@Injectable()
export class Passwords {
  private stranger: Promise<string> | undefined;

  /** @returns a PHC string of argon2id. */
  hash(password: string): Promise<string> {
    return hash(normalise(password), COST);
  }

  /** As `hash`, where only the SHA-256 of the password is known. @param sha256 hexadecimal digits, lower case. */
  async wrap(sha256: string): Promise<string> {
    return `${WRAPPED}${await hash(sha256, COST)}`;
  }

  /** Whether a stored hash wraps another one, and should be replaced when the password is next seen. */
  isWrapped(passwordHash: string): boolean {
    return passwordHash.startsWith(WRAPPED);
  }

  /**
   * Whether the password belongs to the hash. Without a hash (nobody of that name) it takes as long and answers no,
   * so that the time does not tell who has an account.
   */
  async matches(passwordHash: string | null | undefined, password: string): Promise<boolean> {
    if (isTooLong(password)) return false;
    this.stranger ??= this.hash(randomBytes(16).toString('hex'));
    const isWrapped = passwordHash?.startsWith(WRAPPED) ?? false;
    const stored = (isWrapped ? passwordHash?.slice(WRAPPED.length) : passwordHash) ?? (await this.stranger);
    const right = await verify(stored, isWrapped ? sha256Of(password) : normalise(password));
    return right && typeof passwordHash === 'string';
  }

  /** A password that people can type from paper: 80 random bits in groups of four letters and digits, none of them easily confused. */
  random(): string {
    const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
    const picked: string[] = [];
    while (picked.length < 16) {
      const [byte = 0] = randomBytes(1);
      // Bytes above the last whole multiple would favour the first letters.
      if (byte < letters.length * 8) picked.push(letters[byte % letters.length]);
    }
    return picked.join('').replace(/.{4}(?=.)/g, '$&-');
  }
}

/** @throws InvalidInputError for the field `password` when it is too short or too long. No rules about signs or digits. */
export function checkPassword(password: string): void {
  const count = length(password);
  if (count === 0) throw new InvalidInputError('accounts.passwordMissing', {}, 'password');
  if (count < LEAST_CHARACTERS) {
    throw new InvalidInputError(
      'accounts.passwordShort',
      { missing: LEAST_CHARACTERS - count, count, least: LEAST_CHARACTERS },
      'password',
    );
  }
  if (count > MOST_CHARACTERS) throw new InvalidInputError('accounts.passwordLong', { most: MOST_CHARACTERS }, 'password');
}

/** Whether it is longer than any password here may be. */
export function isTooLong(password: string): boolean {
  return length(password) > MOST_CHARACTERS;
}

function length(password: string): number {
  // Far above the limit nobody needs the exact number, and counting a megabyte of code points costs time.
  return password.length > 4 * MOST_CHARACTERS ? password.length : Array.from(password).length;
}

/** The same keys typed on another system may arrive composed differently. */
function normalise(password: string): string {
  return password.normalize('NFKC');
}

/** Of the bytes as they were typed, in hexadecimal digits: what systems store that keep passwords as unsalted SHA-256. */
export function sha256Of(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}
