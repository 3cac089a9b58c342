import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { ConflictError, ForbiddenError, InvalidInputError } from '../errors';
import { hashOfKey, isKey, newKey } from '../keys';
import { plainName } from '../plain-name';
import { hasToConfirm } from '../users/confirmation-rule';
import { isDemo } from '../users/demo';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import type { ApiToken } from './api-token.entity';
import { ApiTokensRepository } from './api-tokens.repository';
import { isTokenScope, TOKEN_SCOPES, type TokenScope } from './token-scopes';

/** What a new token shall be. */
export interface TokenWish {
  /** What it is for. */
  name: string;
  scopes: readonly string[];
  /** How long it is good; a whole number. */
  days: number;
}

/** Somebody for whom a program came, as that program may act. */
export interface TokenBearer {
  person: User;
  token: ApiToken;
}

/** How every key begins: programs that look for secrets in files know them by it. */
const MARK = 'srn_';
const SHOWN_CHARACTERS = 6;
const MOST_OF_PERSON = 50;
const DAY_MS = 86_400_000;
const USUAL_LIVES = [7, 30, 90, 365];
const NAME_RULE = {
  most: 100,
  missing: 'tokens.nameMissing',
  invisible: 'projects.nameInvisible',
  tooLong: 'projects.nameTooLong',
} as const;

/** Keys for programs: made, listed, taken back, and read again when a program comes with one. */
@Injectable()
export class ApiTokens {
  constructor(
    private readonly rows: ApiTokensRepository,
    private readonly users: UsersRepository,
    private readonly config: AppConfig,
  ) {}

  /** How many days are offered, the shortest first; any number up to the last one may be asked for. */
  get lives(): number[] {
    const most = this.config.settings.TOKEN_DAYS;
    return [...USUAL_LIVES.filter((days) => days < most), most];
  }

  /**
   * @returns the key, which is stored nowhere, and its row.
   * @throws InvalidInputError for a field, ForbiddenError for who may have none, ConflictError for whoever has too many.
   */
  async make(person: User, wish: TokenWish): Promise<{ key: string; token: ApiToken }> {
    this.requireOwner(person);
    const name = plainName(wish.name, NAME_RULE);
    const scopes = this.scopesOf(person, wish.scopes);
    const most = this.config.settings.TOKEN_DAYS;
    if (!Number.isInteger(wish.days) || wish.days < 1 || wish.days > most) throw new InvalidInputError('tokens.badDays', { most }, 'days');
    if ((await this.rows.countLive(person.id)) >= MOST_OF_PERSON) throw new ConflictError('tokens.tooMany', { most: MOST_OF_PERSON });
    const key = `${MARK}${newKey()}`;
    const prefix = key.slice(0, MARK.length + SHOWN_CHARACTERS);
    const id = randomUUID();
    await this.rows.add({ id, userId: person.id, tokenHash: hashOfKey(key), prefix, name, scopes }, wish.days * DAY_MS);
    const token = (await this.rows.ofPerson(person.id)).find((one) => one.id === id);
    if (!token) throw new ConflictError('tokens.gone');
    return { key, token };
  }

  /**
   * Whom a program stands for that came with a key: the rows are read anew each time, so that what was taken back, and who was shut out,
   * counts at once. Without the scope `admin` nobody is an administrator.
   * @param address of the network, from where it came. @returns null for a key that is good for nothing.
   */
  async bearerOf(key: string, address: string): Promise<TokenBearer | null> {
    if (!key.startsWith(MARK) || !isKey(key.slice(MARK.length))) return null;
    const live = await this.rows.findLive(hashOfKey(key));
    const person = live && (await this.users.findById(live.token.userId));
    if (!live || !person || !this.isIn(person)) return null;
    const { token, isUseDue } = live;
    if (isUseDue) await this.noteUse(token, address);
    return { token, person: token.scopes.includes('admin') ? person : Object.assign(person, { isAdmin: false }) };
  }

  private async noteUse({ id, userId }: ApiToken, address: string): Promise<void> {
    await this.rows.noteUse(id, address);
    await this.users.markSeen(userId);
  }

  private isIn(person: User): boolean {
    const { kind, leavingMs, removingMs, suspendedMs } = person;
    if (kind !== 'account' || leavingMs !== null || removingMs !== null || suspendedMs !== null) return false;
    return !isDemo(this.config, person) && !hasToConfirm(this.config, person);
  }

  /** @throws ForbiddenError for guests, who are somebody only in their browser, and for demo accounts, which several people share. */
  private requireOwner(person: User): void {
    if (person.kind !== 'account') throw new ForbiddenError('tokens.notForGuests');
    if (isDemo(this.config, person)) throw new ForbiddenError('tokens.notForDemo');
  }

  private scopesOf(person: User, words: readonly string[]): TokenScope[] {
    const unknown = words.find((word) => !isTokenScope(word));
    if (unknown !== undefined) throw new InvalidInputError('tokens.badScope', { scope: unknown.slice(0, 40) }, 'scopes');
    const scopes = TOKEN_SCOPES.filter((scope) => words.includes(scope));
    if (scopes.length === 0) throw new InvalidInputError('tokens.scopesMissing', {}, 'scopes');
    if (scopes.includes('admin') && !person.isAdmin) throw new InvalidInputError('tokens.adminOnly', {}, 'scopes');
    return scopes;
  }
}
