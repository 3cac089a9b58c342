import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { SafeDirectory } from '../../common/files/safe-directory';
import { Chore, DAY_MS, sum, type Amount, type Waste } from '../../common/cleaning/chore';
import { entriesOf } from '../../common/cleaning/folder-waste';

const OURS = /^\d{6,}-run-\d+-\w+\.eml(?:\.part)?$/;

/** Mails that were written as files, because there is no mail server, after RETENTION_DAYS. */
@Injectable()
export class OldMailFiles extends Chore {
  readonly name = 'old mail files';

  constructor(private readonly config: AppConfig) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const folder = SafeDirectory.open(this.config.mailDir);
    const beforeMs = nowMs - this.config.settings.RETENTION_DAYS * DAY_MS;
    const old = (await entriesOf(folder)).filter((entry) => OURS.test(entry.name.toString('latin1')) && entry.touchedMs < beforeMs);
    if (old.length === 0) return [];
    return [
      {
        what: `mails in ${this.config.mailDir}: ${old.length}`,
        count: old.length,
        measure: async () => ({ files: old.length, bytes: old.reduce((total, entry) => total + entry.size, 0) }),
        remove: async () => {
          const freed: Amount[] = [];
          for (const entry of old) freed.push(await folder.remove([entry.name]));
          return sum(freed);
        },
      },
    ];
  }
}
