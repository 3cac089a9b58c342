import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ShowModule } from '../show/show.module';
import { TableJoins } from './join/table-joins';
import { TableFiles } from './table-files';
import { TableExport } from './table-export';
import { TableFacts } from './table-facts';
import { TableImages } from './table-images';
import { TableLook } from './table-look';
import { TablePage } from './table-page.service';
import { TableProcesses } from './table-processes';
import { TableRows } from './table-rows';
import { TablesController } from './tables.controller';

/** Tables among the results of runs, of any length. */
@Module({
  imports: [CommonModule, AccessModule, ShowModule],
  controllers: [TablesController],
  providers: [TableFiles, TableExport, TableFacts, TableImages, TableJoins, TableLook, TablePage, TableProcesses, TableRows],
  exports: [TableFacts, TableJoins, TableRows],
})
export class TablesModule {}
