import { Injectable } from '@nestjs/common';
import { inReadersWords } from '../../common/pipelines/pipeline-words';
import type { User } from '../../common/users/user.entity';
import { Obstacles } from '../../common/waiting/obstacles.service';
import { OpenPipelines } from '../http/access/open-pipelines';
import { offNotes, pipelineLines, whileOff, type PipelineLine } from './pipeline-list.view';

/** The pipelines beside a project's files, with what each of them still needs of files and runners. */
@Injectable()
export class ProjectPipelines {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly obstacles: Obstacles,
  ) {}

  /** Those that the person may run. @param fileNames names of the files that could be inputs. */
  async of(person: User, fileNames: readonly string[]): Promise<PipelineLine[]> {
    const open = await this.pipelines.list(person);
    const manifests = open.map(({ pipeline }) => inReadersWords(pipeline).manifest);
    return whileOff(pipelineLines(manifests, fileNames, await this.obstacles.of(manifests)), offNotes(open));
  }
}
