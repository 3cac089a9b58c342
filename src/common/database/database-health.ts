import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { StartupError } from '../errors';

/** Whether the database answers and has the tables of this version. */
@Injectable()
export class DatabaseHealth {
  private migrated = false;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Refuses to start without all tables, rather than failing at the first request. @throws StartupError */
  async assertMigrated(): Promise<void> {
    if (await this.dataSource.showMigrations())
      throw new StartupError('The database lacks tables of this version. Run "node dist/migrate" first.');
  }

  async answers(): Promise<boolean> {
    return this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  /** Tables do not go away again, so a yes is remembered. */
  async isMigrated(): Promise<boolean> {
    this.migrated ||= await this.dataSource.showMigrations().then(
      (missing) => !missing,
      () => false,
    );
    return this.migrated;
  }
}
