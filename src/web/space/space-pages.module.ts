import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { SpaceAlarms } from './space-alarms';
import { SpacePage } from './space-page.service';
import { SpaceMeasuring } from './space-measuring';
import { SpaceController } from './space.controller';

/** The page of what uses a space. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [SpaceController],
  providers: [SpaceAlarms, SpaceMeasuring, SpacePage],
  exports: [SpaceAlarms, SpaceMeasuring, SpacePage],
})
export class SpacePagesModule {}
