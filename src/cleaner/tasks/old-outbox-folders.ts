import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { showEntryName } from '../../common/files/entry-name';
import { OutboxFiles } from '../../common/files/outbox-files';
import { RunsRepository } from '../../common/queue/runs.repository';
import { Chore, DAY_MS, type Waste } from '../../common/cleaning/chore';
import { entriesOf, entryWaste, runNumber } from '../../common/cleaning/folder-waste';

/** What lies in the outbox for RETENTION_DAYS and is no copy of a run that still exists. */
@Injectable()
export class OldOutboxFolders extends Chore {
  readonly name = 'outbox copies';

  constructor(
    private readonly config: AppConfig,
    private readonly outbox: OutboxFiles,
    private readonly runs: RunsRepository,
  ) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    const directory = this.outbox.directory();
    if (!directory) return;
    const beforeMs = nowMs - this.config.settings.RETENTION_DAYS * DAY_MS;
    for (const entry of await entriesOf(directory)) {
      if (entry.touchedMs >= beforeMs || (await this.belongsToRun(entry.name))) continue;
      yield entryWaste(`outbox copy ${showEntryName(entry.name)}`, directory, [entry.name]);
    }
  }

  /** A copy goes with its run, which knows whether it is kept or not over. */
  private async belongsToRun(name: Buffer): Promise<boolean> {
    const id = runNumber(name);
    return id !== null && (await this.runs.find(id)) !== null;
  }
}
