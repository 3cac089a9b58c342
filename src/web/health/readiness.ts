import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { DatabaseHealth } from '../../common/database/database-health';
import { freeSpace } from '../../common/files/free-space';
import { makeFolder } from '../../common/make-folder';

const CHECKS = ['database', 'tables', 'filesFolder', 'runsFolder', 'freeSpace'] as const;
type Check = (typeof CHECKS)[number];

export interface ReadinessReport {
  status: 'ok' | 'failing';
  checks: Record<Check, 'ok' | 'failing'>;
}

/** Whether everything that the pages need is there. Paths and errors go to the log, not to whoever asks. */
@Injectable()
export class Readiness {
  private readonly logger = new Logger(Readiness.name);

  constructor(
    private readonly config: AppConfig,
    private readonly database: DatabaseHealth,
  ) {}

  async look(): Promise<ReadinessReport> {
    const { filesRoot, runsRoot, settings } = this.config;
    const outcomes: Record<Check, boolean> = {
      database: await this.database.answers(),
      tables: await this.database.isMigrated(),
      filesFolder: await this.holds('FILES_ROOT', () => assertWritable(filesRoot)),
      runsFolder: await this.holds('RUNS_ROOT', () => assertWritable(runsRoot)),
      freeSpace: await this.holds('free space', async () => (await freeSpace(filesRoot)) > settings.FREE_SPACE_RESERVE),
    };
    const checks = Object.fromEntries(CHECKS.map((check) => [check, outcomes[check] ? 'ok' : 'failing']));
    return {
      status: CHECKS.every((check) => outcomes[check]) ? 'ok' : 'failing',
      checks: checks as ReadinessReport['checks'],
    };
  }

  private async holds(what: string, look: () => Promise<boolean>): Promise<boolean> {
    try {
      return await look();
    } catch (error) {
      this.logger.warn(`Not ready: ${what}: ${String(error)}`);
      return false;
    }
  }
}

/** The folder is made if need be: on a fresh machine it appears with the first project. */
async function assertWritable(folder: string): Promise<true> {
  makeFolder(folder);
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  return true;
}
