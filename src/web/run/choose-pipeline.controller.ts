import { Controller, Get, Render } from '@nestjs/common';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import type { BrokenPipeline } from '../../common/pipelines/manifest';
import { Obstacles } from '../../common/waiting/obstacles.service';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { pipelineLines, type PipelineLine } from '../projects/pipeline-list.view';
import { InputFiles } from './input-files';

type Choice = PipelineLine & { summary: string; takes: string; gives: string };

interface ChooseView {
  title: string;
  project: { id: string; name: string };
  pipelines: Choice[];
  /** For administrators; empty for others. */
  broken: BrokenPipeline[];
}

/** All pipelines, those that could run on this project's files first. */
@Controller('projects/:project/run')
export class ChoosePipelineController {
  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly files: InputFiles,
    private readonly obstacles: Obstacles,
  ) {}

  @Get()
  @Access('projectOwner')
  @Render('run/choose')
  async choose(@CurrentPerson() person: User, @CurrentProject() project: Project): Promise<ChooseView> {
    const [pipelines, { choices }] = await Promise.all([this.catalogue.list(), this.files.of(project)]);
    const all = pipelines.map(({ manifest }) => manifest);
    const manifests = new Map(all.map((manifest) => [manifest.id, manifest]));
    const namesOf = (isOwn: boolean) => choices.filter(({ group }) => (group === 'project') === isOwn).map(({ name }) => name);
    const lines = pipelineLines(all, namesOf(true), await this.obstacles.of(all), namesOf(false));
    return {
      title: text('run.chooseTitle'),
      project: { id: project.id, name: project.name },
      pipelines: lines.map((line) => {
        const { summary = '', takes = '', gives = '' } = manifests.get(line.id) ?? {};
        return { ...line, summary, takes, gives };
      }),
      broken: person.isAdmin ? await this.catalogue.broken() : [],
    };
  }
}
