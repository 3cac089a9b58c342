import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AppConfig } from '../../common/config/app-config';
import { AccessModule } from '../http/access/access.module';
import { ShowModule } from '../show/show.module';
import { Assets } from '../views/assets';
import { Capabilities } from './capabilities';
import { CapabilityReaders } from './capability-readers';
import { ContentController } from './content.controller';
import { ReportPages } from './report-pages';
import { ReportsController } from './reports.controller';
import { RunFiles } from './run-files';
import { SharedFilesController } from './shared-files.controller';

const assets = { provide: Assets, inject: [AppConfig], useFactory: ({ home }: AppConfig) => new Assets(join(home, 'dist', 'public')) };

/** What pipelines wrote for browsers: pages and sites in frames, plots, documents, and links for viewers elsewhere. */
@Module({
  imports: [CommonModule, AccessModule, ShowModule],
  controllers: [ReportsController, ContentController, SharedFilesController],
  providers: [assets, Capabilities, CapabilityReaders, ReportPages, RunFiles],
})
export class ReportsModule {}
