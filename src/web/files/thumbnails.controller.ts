import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { UnavailableError } from '../../common/errors';
import { showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { CurrentProject } from '../http/access/current';
import { pathOfSegments } from '../http/entry-path';
import { keepForThisSession } from '../http/kept-answers';
import { noPreviewImage, noThumbnailImage, thumbnailLaterImage } from '../images/no-preview-image';
import { sendFile } from '../show/file-response';
import { fileTypeOf } from '../show/file-type';
import { isThumbnailSize, Thumbnails, type ThumbnailSize } from './thumbnails';

/** The address of a picture carries the version of its file, so that a browser may keep it for a while. */
const KEEP = 'max-age=3600';

/** Small pictures of the images of a project: `?size=list`, `grid` or `page`. */
@Controller('projects/:project/thumbnails')
export class ThumbnailsController {
  constructor(private readonly thumbnails: Thumbnails) {}

  /** Where there is no picture to be had, an icon says so: a list shows no broken image. */
  @Get('*path')
  @Access('projectReader')
  async picture(
    @CurrentProject() project: Project,
    @Param('path') segments: string[],
    @Query('size') asked: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const path = pathOfSegments(segments);
    const name = showEntryName(path.at(-1)!);
    const size = isThumbnailSize(asked) ? asked : 'list';
    const { kind } = fileTypeOf(name);
    const isPicture = kind === 'image' || kind === 'scan';
    const picture = isPicture ? await this.take(project, path, size) : await this.thumbnails.none(project, path);
    if (picture !== 'later') keepForThisSession(response, KEEP);
    if (picture !== null && picture !== 'later') {
      const keep = response.get('Cache-Control');
      return sendFile(response, { file: picture.file, name: `${name}.png`, contentType: picture.contentType, inline: true, keep });
    }
    response.type('image/svg+xml').send(picture === 'later' ? insteadWhileMade(size) : insteadOf(size));
  }

  private async take(project: Project, path: EntryPath, size: ThumbnailSize) {
    try {
      return await this.thumbnails.of(project, path, size);
    } catch (error) {
      if (error instanceof UnavailableError) return 'later';
      throw error;
    }
  }
}

function insteadOf(size: ThumbnailSize): string {
  return size === 'page' ? noPreviewImage(text('browse.noPicture')) : noThumbnailImage();
}

function insteadWhileMade(size: ThumbnailSize): string {
  return size === 'page' ? noPreviewImage(text('browse.pictureLater')) : thumbnailLaterImage();
}
