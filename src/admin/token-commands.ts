import { Injectable } from '@nestjs/common';
import type { ApiToken } from '../common/api-tokens/api-token.entity';
import { ApiTokensRepository } from '../common/api-tokens/api-tokens.repository';
import { StartupError } from '../common/errors';
import { EXIT_DATA } from '../common/exit-status';
import { UsersRepository } from '../common/users/users.repository';
import { AccountFinder } from './account-finder';
import { plainTable } from './plain-table';

/** Tokens of programs, from the shell. Each command returns the text to print. */
@Injectable()
export class TokenCommands {
  constructor(
    private readonly tokens: ApiTokensRepository,
    private readonly users: UsersRepository,
    private readonly finder: AccountFinder,
  ) {}

  /** @param email undefined: those of everybody. */
  async list(email: string | undefined): Promise<string> {
    const account = email === undefined ? null : await this.finder.find(email);
    const tokens = account ? await this.tokens.ofPerson(account.id) : await this.tokens.all();
    if (tokens.length === 0) return account ? `${email} has no tokens.` : 'Nobody has tokens.';
    const owners = new Map((await this.users.findByIds([...new Set(tokens.map(({ userId }) => userId))])).map((one) => [one.id, one]));
    const called = ({ userId }: ApiToken) => owners.get(userId)?.email ?? owners.get(userId)?.displayName ?? userId;
    return plainTable(
      HEAD,
      tokens.map((token) => [token.prefix, called(token), ...timesOf(token), token.scopes.join(' '), token.name]),
    );
  }

  /** @param begins as `tokens` lists it. @throws StartupError when there is none, or more than one. */
  async revoke(begins: string): Promise<string> {
    const alike = (await this.tokens.all()).filter(({ prefix }) => prefix === begins.slice(0, prefix.length));
    const [token, ...more] = alike;
    if (!token || more.length > 0)
      throw new StartupError(`${token ? 'More than one token begins' : 'No token begins'} with ${begins}: "tokens" lists them.`, EXIT_DATA);
    await this.tokens.revoke(token.userId, token.id);
    return `The token ${token.prefix}… (${token.name}) lets nobody in any more.`;
  }

  /** All of one account. */
  async revokeAll(email: string): Promise<string> {
    const account = await this.finder.find(email);
    const count = await this.tokens.revokeAll(account.id);
    return `${count} ${count === 1 ? 'token' : 'tokens'} of ${account.email ?? account.displayName} ${count === 1 ? 'lets' : 'let'} nobody in any more.`;
  }
}

const HEAD = ['TOKEN', 'OF', 'MADE', 'LAST USED', 'GOOD UNTIL', 'MAY', 'FOR'];

function timesOf({ createdMs, usedMs, expiresMs }: ApiToken): string[] {
  return [day(createdMs), usedMs === null ? 'never' : day(usedMs), day(expiresMs)];
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
