import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccessModule } from '../../http/access/access.module';
import { GroupsPage } from './groups-page.service';
import { GroupsController } from './groups.controller';

/** The pages of groups, for administrators. */
@Module({ imports: [CommonModule, AccessModule], controllers: [GroupsController], providers: [GroupsPage] })
export class GroupPagesModule {}
