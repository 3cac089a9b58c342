import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { ImageRenderer } from './image-renderer';
import { PictureStore } from './picture-store';
import { ImageTiles } from './tiles/image-tiles';

const PROVIDERS = [ImageRenderer, ImageTiles, PictureStore];

/** Pictures that browsers show, made of images that they do not. */
@Module({ imports: [CommonModule], providers: PROVIDERS, exports: PROVIDERS })
export class ImagesModule {}
