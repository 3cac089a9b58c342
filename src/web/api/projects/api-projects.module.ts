import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { ProjectPagesModule } from '../../projects/project-pages.module';
import { ProjectJsons } from './project-json';
import { ProjectLists } from './project-lists';
import { ApiProjectsController } from './projects.controller';

/** Projects, for programs. */
@Module({
  imports: [CommonModule, ProjectPagesModule],
  controllers: [ApiProjectsController],
  providers: [ProjectJsons, ProjectLists],
})
export class ApiProjectsModule {}
