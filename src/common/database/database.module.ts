import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppConfig } from '../config/app-config';
import { ConfigModule } from '../config/config.module';
import { dataSourceOptions, ENTITIES } from './data-source';
import { DatabaseHealth } from './database-health';
import { DatabaseMutex } from './database-mutex';
import { FactsRepository } from './facts.repository';
import { OwnerTransactions } from './owner-transactions';

/** The connection, its repositories, and the mutex that SQLite needs. */
@Module({
  imports: [
    ConfigModule,
    TypeOrmModule.forRootAsync({
      imports: [ConfigModule],
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({ ...dataSourceOptions(config), retryAttempts: 1 }),
    }),
    TypeOrmModule.forFeature(ENTITIES),
  ],
  providers: [DatabaseMutex, DatabaseHealth, FactsRepository, OwnerTransactions],
  exports: [TypeOrmModule, DatabaseMutex, DatabaseHealth, FactsRepository, OwnerTransactions],
})
export class DatabaseModule {}
