import { Injectable } from '@nestjs/common';
import type { AuditEntry } from '../common/audit/audit-entry.entity';
import { AUDIT_COLUMNS, auditRow } from '../common/audit/audit-lines';
import { AuditSearch } from '../common/audit/audit-search';
import { StartupError } from '../common/errors';
import { EXIT_USAGE } from '../common/exit-status';
import { csvCell } from '../common/csv-cell';

/** What was typed behind `audit`. */
export interface AuditWords {
  since: string | undefined;
  person: string | undefined;
  isCsv: boolean;
}

/** The audit log, from the shell. */
@Injectable()
export class AuditCommands {
  constructor(private readonly search: AuditSearch) {}

  /** Writes all entries, newest first, however many there are. @returns the last line. */
  async print({ since, person, isCsv }: AuditWords): Promise<string> {
    const actor = await this.search.actorOf(person ?? '');
    const filter = { ...(actor ? { actor } : {}), ...(since === undefined ? {} : { sinceMs: momentOf(since) }) };
    let last = isCsv ? AUDIT_COLUMNS.join(',') : '';
    let count = 0;
    for await (const entries of this.search.all(filter)) {
      for (const entry of entries) {
        if (count > 0 || isCsv) await write(`${last}\n`);
        last = isCsv ? csvLine(entry) : plainLine(entry);
        count += 1;
      }
    }
    return count === 0 && !isCsv ? 'There is no such entry.' : last;
  }
}

function csvLine(entry: AuditEntry): string {
  return auditRow(entry)
    .map((cell) => csvCell(cell))
    .join(',');
}

function plainLine(entry: AuditEntry): string {
  const [time = '', actor = '', , action = '', outcome = '', kind = '', id = '', name = '', address = '', details = ''] = auditRow(entry);
  const object = [kind, name === '' ? id : name].filter((part) => part !== '').join(' ');
  const parts = [
    time.slice(0, 19).replace('T', ' '),
    actor || '-',
    outcome === 'done' ? action : `${action} (${outcome})`,
    object,
    address,
    details,
  ];
  // A name may hold whatever would move the cursor.
  return parts
    .filter((part) => part !== '')
    .join('  ')
    .replace(/\p{Cc}/gu, ' ');
}

/** @param since a day, or a day and a time, by the clock of the shell. @throws StartupError */
function momentOf(since: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(since);
  const at = new Date(isDay ? `${since}T00:00:00` : since).getTime();
  if (Number.isNaN(at)) throw new StartupError(`"${since}" is no day: write one such as 2026-11-26.`, EXIT_USAGE);
  return at;
}

function write(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(line, () => resolve()));
}
