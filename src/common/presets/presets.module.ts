import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { PresetsRepository } from './presets.repository';

/** Values of forms that people keep under a name. */
@Module({ imports: [DatabaseModule], providers: [PresetsRepository], exports: [PresetsRepository] })
export class PresetsModule {}
