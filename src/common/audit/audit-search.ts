import { Injectable } from '@nestjs/common';
import { UsersRepository } from '../users/users.repository';
import type { AuditEntry } from './audit-entry.entity';
import { AuditRepository, type AuditFilter } from './audit.repository';

const BATCH = 500;

/** Reads the audit log, for the page and for the command. */
@Injectable()
export class AuditSearch {
  constructor(
    private readonly entries: AuditRepository,
    private readonly users: UsersRepository,
  ) {}

  /** @param named id, address, or the whole name of somebody or of a program; '' for everybody. */
  async actorOf(named: string): Promise<AuditFilter['actor']> {
    if (named === '') return undefined;
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(named)) return { id: named };
    const person = named.includes('@') && !named.includes(':') ? await this.users.findByEmail(named) : null;
    if (person) return { id: person.id };
    const [only, ...more] = await this.users.findAccountsByName(named);
    // Of several of one name, what was written down at that time tells them apart.
    return only && more.length === 0 ? { id: only.id } : { name: named };
  }

  /** Newest first, however many there are: read piece by piece. */
  async *all(filter: AuditFilter): AsyncGenerator<AuditEntry[]> {
    let before: number | null = null;
    for (;;) {
      const entries: AuditEntry[] = await this.entries.list(filter, before, BATCH);
      if (entries.length > 0) yield entries;
      if (entries.length < BATCH) return;
      before = entries.at(-1)!.id;
    }
  }
}
