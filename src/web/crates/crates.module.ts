import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { ArchivesModule } from '../archives/archives.module';
import { AccessModule } from '../http/access/access.module';
import { ShowModule } from '../show/show.module';
import { CrateAnswers } from './crate-answers';
import { CratePlaces } from './crate-places';
import { CratesController } from './crates.controller';

/** Runs as RO-Crates. */
@Module({
  imports: [CommonModule, AccessModule, ArchivesModule, ShowModule],
  controllers: [CratesController],
  providers: [CrateAnswers, CratePlaces],
  exports: [CrateAnswers],
})
export class CratesModule {}
