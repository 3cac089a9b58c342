import { Controller, Get, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import type { Project } from '../../../common/projects/project.entity';
import { Space } from '../../../common/space/space';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { NotAudited } from '../../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { SpaceMeasuring } from '../../space/space-measuring';
import { SpacePage } from '../../space/space-page.service';
import { API_ROOT } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTimeOrNull } from '../runs/run-schemas';

const amounts = z.object({ bytes: z.number(), files: z.number() });
const time = z.iso.datetime();

const spaceSchema = z
  .object({
    used: amounts,
    reserved: says(amounts, 'apiWork.spaceReserved'),
    most: z.object({
      bytes: says(z.number().nullable(), 'apiFiles.noLimit'),
      files: says(z.number().nullable(), 'apiFiles.noLimit'),
      projects: says(z.number().nullable(), 'apiFiles.noLimit'),
      uploadBytes: says(z.number(), 'apiFiles.mostUpload'),
    }),
    measuredAt: says(time.nullable(), 'apiWork.spaceMeasured'),
    projects: says(
      z.array(
        z.object({
          id: says(z.string().nullable(), 'apiWork.spaceProject'),
          name: z.string(),
          bytes: z.number(),
          files: amounts,
          results: amounts,
          trash: says(amounts, 'apiWork.spaceTrash'),
          unfinished: says(amounts, 'apiWork.spaceUnfinished'),
        }),
      ),
      'apiWork.spaceProjects',
    ),
    runs: says(
      z.array(
        z.object({
          id: z.int(),
          pipeline: z.string(),
          project: z.string(),
          bytes: z.number(),
          files: z.number(),
          finishedAt: time.nullable(),
        }),
      ),
      'apiWork.spaceRuns',
    ),
  })
  .meta({ id: 'Space' });

type SpaceJson = z.infer<typeof spaceSchema>;

/** What uses a space, for programs. */
@Controller(API_ROOT)
export class ApiSpaceController {
  constructor(
    private readonly page: SpacePage,
    private readonly space: Space,
    private readonly measuring: SpaceMeasuring,
  ) {}

  @Get('account/space')
  @Api({ area: 'account', summary: 'apiWork.ownSpace', scope: 'read', answer: spaceSchema })
  @Access('person')
  own(@CurrentPerson() person: User): Promise<SpaceJson> {
    return this.jsonOf(person, null);
  }

  /** Whoever may look may have it measured, as on the page. */
  @Post('account/space/measure')
  @Api({
    area: 'account',
    summary: 'apiWork.measureSpace',
    scope: 'read',
    answer: spaceSchema,
    status: 200,
    others: { 202: spaceSchema },
  })
  @NotAudited('only measures')
  @Access('person')
  async measure(@CurrentPerson() person: User, @Res({ passthrough: true }) response: Response): Promise<SpaceJson> {
    if (!(await this.measuring.measure(person.id))) response.status(202);
    return this.jsonOf(person, null);
  }

  @Get('projects/:project/space')
  @Api({ area: 'projects', summary: 'apiWork.projectSpace', scope: 'read', answer: spaceSchema })
  @Access('projectKeeper')
  ofProject(@CurrentPerson() person: User, @CurrentProject() project: Project): Promise<SpaceJson> {
    return this.jsonOf(person, project);
  }

  private async jsonOf(person: User, project: Project | null): Promise<SpaceJson> {
    const view = await this.page.of(person, project);
    const { used, reserved, allowance, measuredMs } = await this.space.useFor(project?.ownerId ?? person.id);
    const { bytes, files, projects, uploadBytes } = allowance;
    return {
      used,
      reserved,
      most: { bytes, files, projects, uploadBytes },
      measuredAt: isoTimeOrNull(measuredMs === 0 ? null : measuredMs),
      projects: [...view.projects, ...(view.moreProjects?.rows ?? [])].map((row) => ({
        id: row.id,
        name: row.name,
        bytes: row.bytes,
        files: row.files,
        results: row.results,
        trash: row.trash,
        unfinished: row.unfinished,
      })),
      runs: view.runs.map((run) => ({
        id: run.id,
        pipeline: run.pipelineTitle,
        project: run.projectName,
        bytes: run.bytes,
        files: run.files,
        finishedAt: isoTimeOrNull(run.finishedMs),
      })),
    };
  }
}
