import { AUDIT_COLUMNS, auditRecord, auditRow } from '../../../common/audit/audit-lines';
import type { AuditSearch } from '../../../common/audit/audit-search';
import { csvCell } from '../../../common/csv-cell';

type Batches = ReturnType<AuditSearch['all']>;

/** The log as a table, with its heading. */
export async function* auditCsv(batches: Batches): AsyncGenerator<string> {
  yield `${AUDIT_COLUMNS.join(',')}\r\n`;
  for await (const entries of batches) {
    const rows = entries.map((entry) =>
      auditRow(entry)
        .map((cell) => csvCell(cell))
        .join(','),
    );
    yield rows.map((row) => `${row}\r\n`).join('');
  }
}

/** The log as lines of JSON. */
export async function* auditLines(batches: Batches): AsyncGenerator<string> {
  for await (const entries of batches) yield entries.map((entry) => `${JSON.stringify(auditRecord(entry))}\n`).join('');
}
