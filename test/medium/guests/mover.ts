import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { readConfig } from '../../../src/common/config/app-config';
import { dataSourceOptions } from '../../../src/common/database/data-source';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { OwnerTransactions } from '../../../src/common/database/owner-transactions';
import { GuestMovesRepository } from '../../../src/common/guests/guest-moves.repository';
import { Preset } from '../../../src/common/presets/preset.entity';
import { Project } from '../../../src/common/projects/project.entity';
import { MovedGuest } from '../../../src/common/users/moved-guest.entity';

/** A process that moves a guest into an account, to be killed: `node … mover.ts GUEST ACCOUNT`, with the database in its environment. */
async function moveOnce(guestId: string, accountId: string): Promise<void> {
  const dataSource = await new DataSource(dataSourceOptions(readConfig(process.env))).initialize();
  const [projects, presets, moved] = [Project, Preset, MovedGuest].map((entity) => dataSource.getRepository<never>(entity));
  const moves = new GuestMovesRepository(projects, presets, moved, new OwnerTransactions(dataSource, new DatabaseMutex()));
  await moves.move(guestId, accountId);
}

void moveOnce(process.argv[2], process.argv[3]);
