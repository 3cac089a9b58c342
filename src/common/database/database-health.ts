import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { assertMigrated } from './assert-migrated';

/** Whether the database answers and has the tables of this version. */
@Injectable()
export class DatabaseHealth {
  private migrated = false;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws StartupError when tables are missing. */
  assertMigrated(): Promise<void> {
    return assertMigrated(this.dataSource);
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
