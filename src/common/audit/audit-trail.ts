import { hostname, userInfo } from 'node:os';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import type { User } from '../users/user.entity';
import type { AuditObjectKind, AuditOutcome } from './audit-entry.entity';
import { AuditRepository, type NewAuditEntry } from './audit.repository';

/** Who did it. */
export type Actor = Pick<User, 'id' | 'displayName'> | { program: string } | null;

export interface AuditObject {
  kind: AuditObjectKind;
  id?: string | number | null;
  name?: string;
}

/** Something that somebody did, as whoever did it tells it. */
export interface Deed {
  actor: Actor;
  /** `project.rename`. */
  action: string;
  object?: AuditObject | null | undefined;
  /** Of the network. */
  address?: string | undefined;
  /** Few short values, never a secret. */
  details?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  outcome?: AuditOutcome;
}

const MOST_AT_ONCE = 100;
/** Longer values are cut. */
const MOST_NAME = 254;
const MOST_VALUE = 200;
const MOST_DETAILS = 2000;

/**
 * Writes down who did what. Nobody waits for it: what comes while one statement is under way goes with the next one. An entry that cannot be
 * written stands in the log of the process instead, as a whole and as an error.
 */
@Injectable()
export class AuditTrail implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Audit');
  private waiting: NewAuditEntry[] = [];
  private writing: Promise<void> | null = null;

  constructor(private readonly repository: AuditRepository) {}

  /** Never throws. */
  note(deed: Deed): void {
    this.waiting.push(entryOf(deed));
    this.writing ??= this.writeAll().finally(() => (this.writing = null));
  }

  /** When all that was noted is written, or stands in the log. */
  async settled(): Promise<void> {
    while (this.writing) await this.writing;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.settled();
  }

  private async writeAll(): Promise<void> {
    // What is noted in the same moment goes together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const entries = this.waiting.slice(0, MOST_AT_ONCE);
      this.waiting = this.waiting.slice(MOST_AT_ONCE);
      try {
        await this.repository.add(entries);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        for (const entry of entries)
          this.logger.error(`This could not be written into the audit log (${reason}): ${JSON.stringify(entry)}`);
      }
    }
  }
}

/** @param what `shell`, `cleaner`. @returns such as `shell: root@host`. */
export function thisProgram(what: string): { program: string } {
  return { program: `${what}: ${userName()}@${hostname()}` };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers may run as a number that no name belongs to.
    return String(process.getuid?.() ?? '');
  }
}

function entryOf({ actor, action, object, address = '', details, outcome = 'done' }: Deed): NewAuditEntry {
  const isPerson = actor !== null && 'id' in actor;
  return {
    actorId: isPerson ? actor.id : null,
    actorName: clip(actor === null ? '' : isPerson ? actor.displayName : actor.program, MOST_NAME),
    action,
    objectKind: object?.kind ?? null,
    objectId: object?.id == null ? null : clip(String(object.id), 64),
    objectName: clip(object?.name ?? '', MOST_NAME),
    address: clip(address.replace(/^::ffff:(?=\d+\.)/i, ''), 64),
    details: detailsOf(details),
    outcome,
  };
}

function detailsOf(details: Deed['details']): string {
  if (!details) return '';
  const short = Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? clip(value, MOST_VALUE) : value]);
  const json = JSON.stringify(Object.fromEntries(short));
  return json.length > MOST_DETAILS || json === '{}' ? '' : json;
}

function clip(text: string, most: number): string {
  return text.length <= most ? text.toWellFormed() : `${text.slice(0, most - 1).toWellFormed()}…`;
}
