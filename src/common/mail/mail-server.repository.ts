import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Fact } from '../database/fact.entity';
import { repeatWhileBusy } from '../database/repeat-while-busy';

const NAME = 'mail_server';
const LONGEST_ERROR = 400;
/** A server that goes on taking mails need not be written down for each of them. */
const TOLD_EVERY_MS = 60_000;

/** How the last tries to reach the mail server ended. Times are milliseconds since 1970, by the clock of whoever tried; null: never. */
export interface ServerState {
  tookMs: number | null;
  failedMs: number | null;
  /** The sentence of the last failure; '' for none. */
  error: string;
}

const NOTHING: ServerState = { tookMs: null, failedMs: null, error: '' };

/** Remembers, for the administrator, when the mail server last took a mail and when it last could not be used. */
@Injectable()
export class MailServerRepository {
  private lastTold = { isGood: false, atMs: Number.NEGATIVE_INFINITY };

  constructor(@InjectRepository(Fact) private readonly facts: Repository<Fact>) {}

  async read(): Promise<ServerState> {
    const known = await this.facts.findOneBy({ name: NAME });
    return known ? readState(known.value) : NOTHING;
  }

  async took(): Promise<void> {
    if (this.lastTold.isGood && performance.now() - this.lastTold.atMs < TOLD_EVERY_MS) return;
    await this.write(true, { ...(await this.read()), tookMs: Date.now() });
  }

  async failed(error: string): Promise<void> {
    await this.write(false, { ...(await this.read()), failedMs: Date.now(), error: error.slice(0, LONGEST_ERROR) });
  }

  private async write(isGood: boolean, state: ServerState): Promise<void> {
    const values = { name: NAME, value: JSON.stringify(state) };
    await repeatWhileBusy(() => this.facts.createQueryBuilder().insert().values(values).orUpdate(['value'], ['name']).execute());
    this.lastTold = { isGood, atMs: performance.now() };
  }
}

function readState(json: string): ServerState {
  try {
    return { ...NOTHING, ...(JSON.parse(json) as Partial<ServerState>) };
  } catch {
    return NOTHING;
  }
}
