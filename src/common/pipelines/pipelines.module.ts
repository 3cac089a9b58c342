import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { PipelineCatalogue } from './pipeline-catalogue';

@Module({ imports: [ConfigModule], providers: [PipelineCatalogue], exports: [PipelineCatalogue] })
export class PipelinesModule {}
