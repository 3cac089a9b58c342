import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { SweepsRepository } from './sweeps.repository';

/** Runs that were asked for together, with different values. */
@Module({ imports: [DatabaseModule], providers: [SweepsRepository], exports: [SweepsRepository] })
export class SweepsModule {}
