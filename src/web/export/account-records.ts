import { Injectable } from '@nestjs/common';
import type { User } from '../../common/users/user.entity';
import type { JsonSpool } from './json-spool';
import { moment, type NamedProject } from './records';
import { RunRecordsOfPerson } from './run-records';
import { SharingRecords } from './sharing-records';
import { StandingRecords } from './standing-records';
import { WaysInRecords } from './ways-in-records';

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
  'institute.json',
] as const;

/** Writes down what is known of an account and its work: what its person made and sees, and no secret, hash or token. */
@Injectable()
export class AccountRecords {
  constructor(
    private readonly runs: RunRecordsOfPerson,
    private readonly standing: StandingRecords,
    private readonly sharing: SharingRecords,
    private readonly waysIn: WaysInRecords,
  ) {}

  async write(spool: JsonSpool, person: User, projects: readonly NamedProject[]): Promise<void> {
    await spool.document('account.json', accountRecord(person));
    await spool.document('projects.json', projects.map(projectRecord));
    await spool.list('runs.json', this.runs.of(person));
    await this.standing.write(spool, person);
    await this.sharing.write(spool, person, projects);
    await this.waysIn.write(spool, person);
  }
}

function accountRecord({ id, displayName, email, confirmedMs, isAdmin, createdMs }: User): object {
  return { id, displayName, email, addressConfirmed: moment(confirmedMs), isAdministrator: isAdmin, made: moment(createdMs) };
}

function projectRecord({ project: { id, name, createdMs, changedMs }, folder }: NamedProject): object {
  return { id, name, folder, made: moment(createdMs), changed: moment(changedMs) };
}
