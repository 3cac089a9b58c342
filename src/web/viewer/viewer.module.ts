import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ImagesModule } from '../images/images.module';
import { ShowModule } from '../show/show.module';
import { TablesModule } from '../tables/tables.module';
import { ImagePages } from './image-pages';
import { ImageSources } from './image-sources';
import { LabelPlaces } from './label-places';
import { MadeFiles } from './made-files';
import { PicturesAround } from './pictures-around';
import { ProjectImages } from './project-images';
import { ProjectViewerController } from './project-viewer.controller';
import { ShapeLayers } from './shape-layers';
import { TileAnswers } from './tile-answers';
import { TilesController } from './tiles.controller';
import { ViewLayers } from './view-layers';
import { ViewPicture } from './view-picture';
import { ViewerController } from './viewer.controller';
import { ViewerPage } from './viewer-page.service';

/** Images looked at closely: deep zoom, channels, masks and shapes. */
@Module({
  imports: [CommonModule, AccessModule, ImagesModule, ShowModule, TablesModule],
  controllers: [ViewerController, TilesController, ProjectViewerController],
  providers: [
    ImagePages,
    ImageSources,
    LabelPlaces,
    MadeFiles,
    PicturesAround,
    ProjectImages,
    ShapeLayers,
    TileAnswers,
    ViewLayers,
    ViewPicture,
    ViewerPage,
  ],
  exports: [ViewerPage],
})
export class ViewerModule {}
