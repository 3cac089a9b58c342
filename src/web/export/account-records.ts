import { Injectable } from '@nestjs/common';
import type { ApiToken } from '../../common/api-tokens/api-token.entity';
import { ApiTokensRepository } from '../../common/api-tokens/api-tokens.repository';
import { AppConfig } from '../../common/config/app-config';
import { isDemo } from '../../common/users/demo';
import { SessionsRepository } from '../../common/users/sessions.repository';
import type { User } from '../../common/users/user.entity';
import { readSession } from '../accounts/account-sessions';
import type { JsonSpool } from './json-spool';
import { moment, type NamedProject } from './records';
import { RunRecordsOfPerson } from './run-records';
import { SharingRecords } from './sharing-records';
import { StandingRecords } from './standing-records';

/** What is written, beside the folders of projects. */
export const DOCUMENTS = [
  'account.json',
  'projects.json',
  'runs.json',
  'presets.json',
  'schedules.json',
  'webhooks.json',
  'shares.json',
  'people.json',
  'memberships.json',
  'log-ins.json',
  'tokens.json',
] as const;

/** Writes down what is known of an account and its work: what its person made and sees, and no secret, hash or token. */
@Injectable()
export class AccountRecords {
  constructor(
    private readonly runs: RunRecordsOfPerson,
    private readonly standing: StandingRecords,
    private readonly sharing: SharingRecords,
    private readonly sessions: SessionsRepository,
    private readonly tokens: ApiTokensRepository,
    private readonly config: AppConfig,
  ) {}

  async write(spool: JsonSpool, person: User, projects: readonly NamedProject[]): Promise<void> {
    await spool.document('account.json', accountRecord(person));
    await spool.document('projects.json', projects.map(projectRecord));
    await spool.list('runs.json', this.runs.of(person));
    await this.standing.write(spool, person);
    await this.sharing.write(spool, person, projects);
    // A demo account is logged in with by people who need not know of each other.
    const logIns = isDemo(this.config, person) ? [] : await this.sessions.findLiveOf(person.id);
    await spool.document('log-ins.json', logIns.map(logInRecord));
    await spool.document('tokens.json', (await this.tokens.ofPerson(person.id)).map(tokenRecord));
  }
}

function accountRecord({ id, displayName, email, confirmedMs, isAdmin, createdMs }: User): object {
  return { id, displayName, email, addressConfirmed: moment(confirmedMs), isAdministrator: isAdmin, made: moment(createdMs) };
}

function projectRecord({ project: { id, name, createdMs, changedMs }, folder }: NamedProject): object {
  return { id, name, folder, made: moment(createdMs), changed: moment(changedMs) };
}

function logInRecord(session: Awaited<ReturnType<SessionsRepository['findLiveOf']>>[number]): object {
  const { device, address } = readSession(session);
  return { device, address, since: moment(session.createdMs) };
}

function tokenRecord({ name, prefix, scopes, createdMs, expiresMs, usedMs, usedAddress }: ApiToken): object {
  const times = { made: moment(createdMs), until: moment(expiresMs), lastUsed: moment(usedMs) };
  return { name, begins: prefix, may: scopes, ...times, lastAddress: usedAddress };
}
