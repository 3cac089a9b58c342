import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ConflictError, InvalidInputError } from '../../../common/errors';
import { DirectoryGroups } from '../../../common/groups/directory-groups';
import type { User } from '../../../common/users/user.entity';
import type { InstitutePerson } from '../../institute/institute-person';
import { redirect } from '../../http/addresses';
import { tellAudit } from '../../http/audit/deeds';
import { COOKIES } from '../../http/cookies';
import { networkOf } from '../../http/rate-limits';
import { SealedCookies } from '../../http/sealed-cookies';
import { Arrival } from '../arrival';
import { Entry } from '../entry';
import { InstituteAccounts, type Settled } from './institute-accounts';
import { JoinOffer } from './join-offer';

/** For so long a question about the account of somebody may stay open. */
const JOIN_SECONDS = 600;

/** Somebody whom the institute has shown to us, and of whom one thing has to be said before they come in. */
export interface Joining {
  person: InstitutePerson;
  next: unknown;
}

/** Receives people whom the institute has shown to us: lets them in, or asks what is to be asked first. */
@Injectable()
export class InstituteDesk {
  constructor(
    private readonly accounts: InstituteAccounts,
    private readonly groups: DirectoryGroups,
    private readonly entry: Entry,
    private readonly arrival: Arrival,
    private readonly cookies: SealedCookies,
  ) {}

  /** @param visitor who is logged in already connects the account; a guest takes everything along. @throws DomainError that says why not. */
  async receive(said: InstitutePerson, visitor: User | null, next: unknown, request: Request, response: Response): Promise<void> {
    const person = this.trimmed(said);
    if (visitor?.kind === 'account') return this.receiveAgain(person, visitor, next, request, response);
    try {
      const settled = await this.accounts.settle(person, networkOf(request.ip));
      await this.letIn({ person, next }, settled, { visitor, stays: false }, request, response);
    } catch (error) {
      if (!(error instanceof JoinOffer) && !isLeaving(error)) throw error;
      tellAudit(request, { isNothing: true });
      await this.askFirst({ person, next }, response);
    }
  }

  /** Leads to the page that asks; until that is answered, only this browser knows who it was. */
  async askFirst({ person, next }: Joining, response: Response): Promise<void> {
    await this.cookies.set(response, COOKIES.joining, { person: this.trimmed(person), next }, JOIN_SECONDS);
    redirect(response, '/login/join');
  }

  /** @throws InvalidInputError that says why not. */
  async letIn(
    { person, next }: Joining,
    settled: Settled,
    { visitor, stays }: { visitor: User | null; stays: boolean },
    request: Request,
    response: Response,
  ): Promise<void> {
    tellAudit(request, { details: { source: person.source } });
    await this.entry.admit(settled.person, { stays, network: networkOf(request.ip) });
    const { source, subject, sid } = person;
    const by = { source, subject, sid };
    await this.arrival.enter({ person: settled.person, visitor, next, isNew: settled.isNew, by }, request, response);
  }

  private async receiveAgain(person: InstitutePerson, visitor: User, next: unknown, request: Request, response: Response): Promise<void> {
    this.accounts.requireGroup(person);
    const known = await this.accounts.accountOf(person);
    if (known && known.user.id !== visitor.id) throw new ConflictError('institute.ofAnother');
    tellAudit(request, { isNothing: true });
    if (known) return redirect(response, '/account');
    await this.askFirst({ person, next }, response);
  }

  /** Of groups only those that mean something here: people may be in hundreds. */
  private trimmed(person: InstitutePerson): InstitutePerson {
    return { ...person, groups: this.groups.relevant(person.groups) };
  }
}

function isLeaving(error: unknown): boolean {
  return error instanceof InvalidInputError && error.field === 'leaving';
}
