import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { StartupError } from '../errors';
import { refuseNewerDatabase, unknownMigrations } from './newer-database';

/** Whether the database answers and has the tables of this version. */
@Injectable()
export class DatabaseHealth {
  private migrated = false;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Refuses to start on tables of another version, rather than failing at the first request. @throws StartupError */
  async assertMigrated(): Promise<void> {
    const isMissingSome = await this.dataSource.showMigrations();
    await refuseNewerDatabase(this.dataSource);
    if (isMissingSome) throw new StartupError('The database lacks tables of this version. Run "node dist/migrate" first.');
  }

  async answers(): Promise<boolean> {
    return this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  /** Tables do not go away again, so a yes is remembered. */
  async isMigrated(): Promise<boolean> {
    this.migrated ||= await this.hasTablesOfThisVersion().catch(() => false);
    return this.migrated;
  }

  private async hasTablesOfThisVersion(): Promise<boolean> {
    return !(await this.dataSource.showMigrations()) && (await unknownMigrations(this.dataSource)).length === 0;
  }
}
