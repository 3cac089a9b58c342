import { Module } from '@nestjs/common';
import { ImageRenderer } from './image-renderer';
import { PictureStore } from './picture-store';
import { ImageTiles } from './tiles/image-tiles';

const PROVIDERS = [ImageRenderer, ImageTiles, PictureStore];

/** Pictures that browsers show, made of images that they do not. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class ImagesModule {}
