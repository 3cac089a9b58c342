import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { DatabaseMutex } from '../database/database-mutex';
import { MariadbQueueStore } from './mariadb-queue-store';
import { Poke } from './poke.service';
import { QueueFiguresRepository } from './queue-figures.repository';
import { QueueSteering } from './queue-steering';
import { QueueStore } from './queue-store';
import { RunnersRepository } from './runners.repository';
import { RunsRepository } from './runs.repository';
import { SqliteQueueStore } from './sqlite-queue-store';

/** The queue: its atomic steps, its reads for pages, and the wake-up of runners. */
@Module({
  imports: [ConfigModule, DatabaseModule],
  providers: [
    { provide: QueueStore, inject: [AppConfig, DataSource, DatabaseMutex], useFactory: openQueueStore },
    RunnersRepository,
    RunsRepository,
    QueueFiguresRepository,
    Poke,
    QueueSteering,
  ],
  exports: [QueueSteering, QueueStore, RunnersRepository, RunsRepository, QueueFiguresRepository, Poke],
})
export class QueueModule implements OnApplicationShutdown {
  constructor(private readonly store: QueueStore) {}

  onApplicationShutdown(): Promise<void> {
    return this.store.close();
  }
}

/** The implementation for the database that is configured. */
export function openQueueStore({ database }: AppConfig, dataSource: DataSource, mutex: DatabaseMutex): QueueStore {
  return database.kind === 'sqlite' ? new SqliteQueueStore(database.path, mutex) : new MariadbQueueStore(dataSource);
}
