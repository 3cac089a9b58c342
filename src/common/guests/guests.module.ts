import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { GuestMovesRepository } from './guest-moves.repository';

/** Guests who move into an account. */
@Module({ imports: [DatabaseModule], providers: [GuestMovesRepository], exports: [GuestMovesRepository] })
export class GuestsModule {}
