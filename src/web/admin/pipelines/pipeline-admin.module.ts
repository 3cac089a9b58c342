import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccessModule } from '../../http/access/access.module';
import { PipelineAdminController } from './pipeline-admin.controller';
import { PipelineAdminPage } from './pipeline-admin.view';

/** The pages of pipelines, for administrators. */
@Module({ imports: [CommonModule, AccessModule], controllers: [PipelineAdminController], providers: [PipelineAdminPage] })
export class PipelineAdminModule {}
