import { Injectable } from '@nestjs/common';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import { inReadersWords } from '../../common/pipelines/pipeline-words';
import { Obstacles } from '../../common/waiting/obstacles.service';
import { pipelineLines, type PipelineLine } from './pipeline-list.view';

/** The pipelines beside a project's files, with what each of them still needs of files and runners. */
@Injectable()
export class ProjectPipelines {
  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly obstacles: Obstacles,
  ) {}

  /** @param fileNames names of the files that could be inputs. */
  async of(fileNames: readonly string[]): Promise<PipelineLine[]> {
    const manifests = (await this.catalogue.list()).map((pipeline) => inReadersWords(pipeline).manifest);
    return pipelineLines(manifests, fileNames, await this.obstacles.of(manifests));
  }
}
