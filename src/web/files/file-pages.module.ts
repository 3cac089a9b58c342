import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { CopiesModule } from '../../common/copies/copies.module';
import { AccessModule } from '../http/access/access.module';
import { ChecksumsModule } from '../checksums/checksums.module';
import { ImagesModule } from '../images/images.module';
import { ProjectPagesModule } from '../projects/project-pages.module';
import { FileAnswers } from './file-answers';
import { FileChanges } from './file-changes';
import { FileChangesController } from './file-changes.controller';
import { FileMoves } from './file-moves';
import { FileMovesController } from './file-moves.controller';
import { FilePreviews } from './file-previews';
import { FileView } from './file.view';
import { FileViewController } from './file-view.controller';
import { FolderPickerView } from './folder-picker.view';
import { Thumbnails } from './thumbnails';
import { ThumbnailsController } from './thumbnails.controller';
import { TrashController } from './trash.controller';
import { TrashView } from './trash.view';

/** Single files of projects: their pages and pictures, and everything that changes them but uploads. */
@Module({
  imports: [CommonModule, CopiesModule, AccessModule, ChecksumsModule, ImagesModule, ProjectPagesModule],
  controllers: [FileChangesController, FileMovesController, FileViewController, ThumbnailsController, TrashController],
  providers: [FileAnswers, FileChanges, FileMoves, FilePreviews, FileView, FolderPickerView, Thumbnails, TrashView],
  exports: [FileAnswers, FileChanges, FileMoves],
})
export class FilePagesModule {}
