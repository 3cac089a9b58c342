import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../../common/audit/audit.repository';
import { AppConfig } from '../../common/config/app-config';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** What is more goes at the next cleaning. */
const MOST_PEOPLE = 1000;

/** Entries of the audit log after AUDIT_DAYS, and the names in it of people whose account is gone. */
@Injectable()
export class OldAudit extends Chore {
  readonly name = 'entries of the audit log';

  constructor(
    private readonly config: AppConfig,
    private readonly audit: AuditRepository,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const beforeMs = nowMs - this.config.settings.AUDIT_DAYS * DAY_MS;
    const gone = await this.audit.findGone(MOST_PEOPLE);
    return [
      ...rowsWaste('old entries of the audit log', await this.audit.countBefore(beforeMs), () => this.audit.deleteBefore(beforeMs)),
      ...rowsWaste('people who are gone, in the audit log', gone.length, () => this.blank(gone)),
    ];
  }

  private async blank(people: readonly string[]): Promise<void> {
    for (const id of people) await this.audit.blank(id);
    await this.audit.blankTyped();
  }
}
