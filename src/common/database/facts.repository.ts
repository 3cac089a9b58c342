import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, NOW_MS } from './dialect';
import { Fact } from './fact.entity';
import { repeatWhileBusy } from './repeat-while-busy';

/** What is done every now and then, and of which the administrator wants to know when it was done last. */
export type Habit = 'backed_up';

/** What an installation is told once and keeps: its id, its signing key, its first account; and when habits were last kept. Several processes may ask first at the same time. */
@Injectable()
export class FactsRepository {
  constructor(@InjectRepository(Fact) private readonly facts: Repository<Fact>) {}

  /** 32 random bytes as hex, the same for every process of this installation and across restarts. */
  signingKey(): Promise<string> {
    return this.remember('signing_key', () => randomBytes(32).toString('hex'));
  }

  /** UUID of this installation. */
  installationId(): Promise<string> {
    return this.remember('installation_id', randomUUID);
  }

  /** Whether the person is the first account of this installation: true for one person for ever, however many ask at once. */
  async claimFirstAccount(userId: string): Promise<boolean> {
    return (await this.remember('first_account', () => userId)) === userId;
  }

  /** Something was done now, by the database's clock. */
  async markDone(habit: Habit): Promise<void> {
    const name = nameOf(habit);
    const value = () => NOW_MS[dialectOf(this.facts.manager.connection.options)];
    await repeatWhileBusy(() => this.facts.createQueryBuilder().insert().values({ name, value }).orUpdate(['value'], ['name']).execute());
  }

  /** When it was last done, in milliseconds since 1970; null: never, as far as this is known. */
  async lastDone(habit: Habit): Promise<number | null> {
    const known = await this.facts.findOneBy({ name: nameOf(habit) });
    return known && Number(known.value);
  }

  private async remember(name: string, make: () => string): Promise<string> {
    const known = await this.facts.findOneBy({ name });
    if (known) return known.value;
    await this.facts.createQueryBuilder().insert().values({ name, value: make() }).orIgnore().execute();
    return (await this.facts.findOneByOrFail({ name })).value;
  }
}

function nameOf(habit: Habit): string {
  return `last_${habit}_ms`;
}
