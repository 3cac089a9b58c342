import { Injectable } from '@nestjs/common';
import type { ApiToken } from '../../common/api-tokens/api-token.entity';
import { ApiTokensRepository } from '../../common/api-tokens/api-tokens.repository';
import { AppConfig } from '../../common/config/app-config';
import { IdentitiesRepository } from '../../common/identities/identities.repository';
import type { Identity } from '../../common/identities/identity.entity';
import { isDemo } from '../../common/users/demo';
import { SessionsRepository } from '../../common/users/sessions.repository';
import type { User } from '../../common/users/user.entity';
import { readSession } from '../accounts/account-sessions';
import type { JsonSpool } from './json-spool';
import { moment } from './records';

/** Writes down how people and their programs come into an account. */
@Injectable()
export class WaysInRecords {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly tokens: ApiTokensRepository,
    private readonly identities: IdentitiesRepository,
    private readonly config: AppConfig,
  ) {}

  async write(spool: JsonSpool, person: User): Promise<void> {
    // A demo account is logged in with by people who need not know of each other.
    const logIns = isDemo(this.config, person) ? [] : await this.sessions.findLiveOf(person.id);
    await spool.document('log-ins.json', logIns.map(logInRecord));
    await spool.document('tokens.json', (await this.tokens.ofPerson(person.id)).map(tokenRecord));
    await spool.document('institute.json', (await this.identities.ofUser(person.id)).map(identityRecord));
  }
}

function logInRecord(session: Awaited<ReturnType<SessionsRepository['findLiveOf']>>[number]): object {
  const { device, address } = readSession(session);
  return { device, address, since: moment(session.createdMs) };
}

function tokenRecord({ name, prefix, scopes, createdMs, expiresMs, usedMs, usedAddress }: ApiToken): object {
  const times = { made: moment(createdMs), until: moment(expiresMs), lastUsed: moment(usedMs) };
  return { name, begins: prefix, may: scopes, ...times, lastAddress: usedAddress };
}

/** Whom of the institute the account belongs to. */
function identityRecord({ source, issuer, subject, name, linkedMs }: Identity): object {
  return { source, issuer, subject, name, connected: moment(linkedMs) };
}
