import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { SpacePage } from './space-page.service';
import { SpaceController } from './space.controller';

/** The page of what uses a space. */
@Module({ imports: [CommonModule, AccessModule], controllers: [SpaceController], providers: [SpacePage] })
export class SpacePagesModule {}
