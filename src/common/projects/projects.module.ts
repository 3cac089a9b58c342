import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { ProjectsRepository } from './projects.repository';

@Module({ imports: [DatabaseModule], providers: [ProjectsRepository], exports: [ProjectsRepository] })
export class ProjectsModule {}
