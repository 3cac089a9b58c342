import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { HelpController } from './help.controller';

/** The page for users who want to know how things work here. */
@Module({ imports: [CommonModule], controllers: [HelpController] })
export class HelpModule {}
