import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { ExternalUsers } from '../../common/external-users/external-users';
import { QueueStore } from '../../common/queue/queue-store';
import { Passwords } from '../../common/users/passwords';
import { UsersRepository } from '../../common/users/users.repository';
import { storedText } from '../../locales/text';
import type { Journal } from './journal';
import type { PersonPlan } from './plan';
import { isNamedOnly } from './plan-people';
import { Steps } from './steps';

/** Gives people of the older system their accounts. */
@Injectable()
export class PeopleTaking {
  constructor(
    private readonly users: UsersRepository,
    private readonly external: ExternalUsers,
    private readonly passwords: Passwords,
    private readonly store: QueueStore,
    private readonly config: AppConfig,
    private readonly steps: Steps,
  ) {}

  /**
   * @param source what keys are unique in.
   * @returns the account of each, by key, and how many are new.
   */
  async takeAll(people: readonly PersonPlan[], source: string, journal: Journal): Promise<{ accounts: Map<string, string>; made: number }> {
    const accounts = new Map<string, string>();
    let made = 0;
    for (const person of people) {
      if (person.accountId === null) made += 1;
      accounts.set(person.key, await this.take(person, source, journal));
    }
    return { accounts, made };
  }

  private async take(person: PersonPlan, source: string, journal: Journal): Promise<string> {
    if (person.accountId !== null) return person.accountId;
    if (person.master) return this.mirror(person);
    const id = journal.personId(source, person.key) ?? randomUUID();
    if (journal.personId(source, person.key) === null) journal.add({ what: 'person', source, key: person.key, id });
    this.steps.reached();
    const nowMs = await this.store.nowMs();
    const isAdded = await this.users.add({
      id,
      kind: 'account',
      email: person.email,
      displayName: person.shown,
      passwordHash: person.sha256 === null ? null : await this.passwords.wrap(person.sha256),
      guestKeyHash: null,
      isAdmin: person.isAdmin && person.isActive,
      // The administrator vouches for the addresses of the older table, as far as they give no more than they gave there.
      confirmedMs: isNamedOnly(person, this.config.settings.ADMIN_EMAILS) ? null : nowMs,
      ...(person.isActive ? {} : { suspendedMs: nowMs, suspendedWhy: storedText('queue.takenOverDisabled') }),
      ...(person.registeredMs === null ? {} : { createdMs: Math.min(person.registeredMs, nowMs) }),
    });
    if (!isAdded) throw new StartupError(`${person.email ?? person.name} got an account here a moment ago. Look again.`, EXIT_DATA);
    this.steps.reached();
    journal.add({ what: 'person made', source, key: person.key });
    return id;
  }

  /** Their table goes on saying who they are: password and standing are asked there. */
  private async mirror({ master, isAdmin }: PersonPlan): Promise<string> {
    const id = await this.external.mirror(master!);
    if (isAdmin) await this.users.setAdmin(id, true);
    this.steps.reached();
    return id;
  }
}
