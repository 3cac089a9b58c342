import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { ExternalUsersModule } from '../external-users/external-users.module';
import { IdentitiesRepository } from './identities.repository';
import { KeptElsewhere } from './kept-elsewhere';

const SHARED = [IdentitiesRepository, KeptElsewhere];

/** People whom the institute knows. */
@Module({ imports: [DatabaseModule, ExternalUsersModule], providers: SHARED, exports: SHARED })
export class IdentitiesModule {}
