import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ShowModule } from '../show/show.module';
import { TablesModule } from '../tables/tables.module';
import { ViewerModule } from '../viewer/viewer.module';
import { CompareController } from './compare.controller';
import { ComparePage } from './compare-page.view';
import { ComparedOutputs } from './compared-outputs';
import { ComparedRuns } from './compared-runs';
import { LinkedViewersPage } from './linked-viewers.service';
import { JoinedTables } from './joined-table.service';
import { RunsToChoose } from './run-choices';

/** Runs beside each other. */
@Module({
  imports: [CommonModule, AccessModule, ShowModule, TablesModule, ViewerModule],
  controllers: [CompareController],
  providers: [ComparePage, RunsToChoose, ComparedOutputs, ComparedRuns, JoinedTables, LinkedViewersPage],
})
export class ComparePagesModule {}
