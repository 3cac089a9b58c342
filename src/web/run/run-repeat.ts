import { Injectable } from '@nestjs/common';
import { ConflictError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { OpenPipelines } from '../http/access/open-pipelines';
import { RunRecords } from '../show/run-records';
import { EarlierRuns } from './earlier-runs';
import { FollowedRuns } from './followed-runs';
import { RunAgain, type Obstacle } from './run-again';
import { RunSubmission } from './run-submission';

/** Asks for a run once more, with the same pipeline, values and files. */
@Injectable()
export class RunRepeat {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly records: RunRecords,
    private readonly earlier: EarlierRuns,
    private readonly submission: RunSubmission,
    private readonly sameness: RunAgain,
    private readonly followed: FollowedRuns,
  ) {}

  /**
   * @param submission UUID of the request, so that sending it twice makes one run.
   * @returns the number of the new run, or what of it is not the same any more.
   * @throws ConflictError while it is not over, InvalidInputError where it was to follow a run that did not succeed; as `RunSubmission.submit`.
   */
  async again(person: User, project: Project, run: Run, submission: string): Promise<number | Obstacle> {
    if (!isFinal(run.state)) throw new ConflictError('show.notOver');
    const pipeline = await this.pipelines.require(person, run.pipelineId);
    const record = await this.records.of(run, 1);
    const obstacle = await this.sameness.obstacle(pipeline, run, record);
    if (obstacle) return obstacle;
    const refusal: Obstacle = { key: 'show.againRefused', values: { number: run.id } };
    const earlier = await this.earlier.entriesOf(person, pipeline.manifest, String(run.id));
    if (!earlier) return refusal;
    // Which image has the name is known to the runner alone, which looks before it starts anything.
    const exactly = record.image ? { sameImage: { run: run.id, digest: record.image.digest } } : {};
    const after = await this.followed.sameAs(project, String(run.id));
    const outcome = await this.submission.submit(person, project, pipeline, submission, earlier.entered, { ...exactly, after });
    return outcome.ok ? outcome.runId : refusal;
  }
}
