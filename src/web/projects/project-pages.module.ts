import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { ChainPagesModule } from '../chains/chain-pages.module';
import { FileTaskPagesModule } from '../file-tasks/file-task-pages.module';
import { AccessModule } from '../http/access/access.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { SpacePagesModule } from '../space/space-pages.module';
import { UploadPagesModule } from '../uploads/upload-pages.module';
import { FileContent } from './file-content';
import { FileUpload } from './file-upload';
import { FolderListing } from './folder.view';
import { ProjectAccess } from './project-access';
import { ProjectAlarms } from './project-alarms';
import { ProjectAudience } from './project-audience';
import { ProjectCovers } from './project-covers';
import { ProjectDeletion } from './project-deletion';
import { ProjectFilesController } from './project-files.controller';
import { OwnSpace, ProjectListView } from './project-list.view';
import { ProjectPageSurroundings, ProjectPageView } from './project-page.view';
import { ProjectPipelines } from './project-pipelines';
import { ProjectRemains } from './project-remains';
import { ProjectRunsView } from './project-runs.view';
import { ProjectSettingsController } from './project-settings.controller';
import { ProjectWork } from './project-work';
import { ProjectsController } from './projects.controller';
import { SameContent } from './same-content';
import { SharedProjects } from './shared-projects';
import { UploadAnswer } from './upload-answer';

/** The pages of projects and their files. */
@Module({
  imports: [CommonModule, AccessModule, ChainPagesModule, FileTaskPagesModule, QueuePagesModule, SpacePagesModule, UploadPagesModule],
  controllers: [ProjectsController, ProjectSettingsController, ProjectFilesController],
  providers: [
    FileContent,
    FileUpload,
    FolderListing,
    ProjectAccess,
    ProjectAlarms,
    ProjectAudience,
    ProjectCovers,
    ProjectDeletion,
    OwnSpace,
    ProjectListView,
    ProjectPageSurroundings,
    ProjectPageView,
    ProjectPipelines,
    ProjectRemains,
    ProjectRunsView,
    ProjectWork,
    SameContent,
    SharedProjects,
    UploadAnswer,
  ],
  exports: [FileContent, ProjectDeletion, ProjectPageView, ProjectPipelines, SharedProjects],
})
export class ProjectPagesModule {}
