import { Controller, Get, Param, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { formatEntryPath, showEntryName } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentGrant, CurrentProject } from '../http/access/current';
import type { Grant } from '../http/access/policy';
import { pathOfSegments } from '../http/entry-path';
import { ProjectImages } from './project-images';
import { TileAnswers } from './tile-answers';
import { ViewPicture } from './view-picture';
import { ViewerPage, type ViewerView } from './viewer-page.service';

/** The viewer of images of a project, for whoever may download them. */
@Controller('projects/:project')
export class ProjectViewerController {
  constructor(
    private readonly page: ViewerPage,
    private readonly pictures: ViewPicture,
    private readonly images: ProjectImages,
    private readonly answers: TileAnswers,
  ) {}

  @Get('viewer/*path')
  @Access('projectViewer')
  @Render('viewer/viewer')
  ofFile(@CurrentProject() project: Project, @CurrentGrant() grant: Grant | null, @Param('path') segments: string[]): Promise<ViewerView> {
    return this.page.showFile(project, this.images.shelf(project), pathOfSegments(segments), grant);
  }

  @Get('tiles/picture/*path')
  @Access('projectViewer')
  async picture(@CurrentProject() project: Project, @Param('path') segments: string[], @Res() response: Response): Promise<void> {
    const path = pathOfSegments(segments);
    const shelf = this.images.shelf(project);
    const { image } = await this.page.findFile(shelf, { kind: 'files', path: formatEntryPath(path) });
    await this.pictures.send(shelf, image, showEntryName(path.at(-1)!), response);
  }

  @Get('tiles/:what/files/*path')
  @Access('projectViewer')
  async tiles(
    @CurrentProject() project: Project,
    @Param() { what }: { what: string },
    @Param('path') segments: string[],
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const path = formatEntryPath(pathOfSegments(segments));
    await this.answers.send(this.images.shelf(project), { kind: 'files', path }, { what, query, request, response });
  }
}
