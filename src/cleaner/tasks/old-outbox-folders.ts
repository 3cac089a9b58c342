import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { showEntryName } from '../../common/files/entry-name';
import { OutboxFiles } from '../../common/files/outbox-files';
import { isFinal } from '../../common/queue/run-state';
import { RunsRepository } from '../../common/queue/runs.repository';
import { Chore, DAY_MS, type Waste } from '../chore';
import { entriesOf, entryWaste, runNumber } from '../folder-waste';

/** Copies of results in the outbox after RETENTION_DAYS, unless their run is kept or not over; other things that lie there as long. */
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
      if (entry.touchedMs >= beforeMs || (await this.isWanted(entry.name))) continue;
      yield entryWaste(`outbox copy ${showEntryName(entry.name)}`, directory, [entry.name]);
    }
  }

  private async isWanted(name: Buffer): Promise<boolean> {
    const id = runNumber(name);
    const run = id === null ? null : await this.runs.find(id);
    return run !== null && (run.keep || !isFinal(run.state));
  }
}
