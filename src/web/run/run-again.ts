import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import type { Manifest, Pipeline } from '../../common/pipelines/manifest';
import { pipelineDigest } from '../../common/pipelines/pipeline-digest';
import { filesIn } from '../../common/pipelines/value-files';
import type { ParameterValues } from '../../common/pipelines/manifest';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { text, type TextKey, type TextValues } from '../../locales/text';
import { ALL_INPUTS, RunInputs, type InputView } from '../show/run-inputs';
import type { RunRecord } from '../show/run-records';

/** Why a run would not be the same again. */
export interface Obstacle {
  key: TextKey;
  values: TextValues;
}

const MOST_NAMED = 3;

/** Finds what of a run is not as it was any more. */
@Injectable()
export class RunAgain {
  constructor(
    private readonly config: AppConfig,
    private readonly runs: RunsRepository,
    private readonly inputs: RunInputs,
  ) {}

  /** @returns null where nothing is known to differ. */
  async obstacle(pipeline: Pipeline, run: Run, { manifest }: Pick<RunRecord, 'manifest'>): Promise<Obstacle | null> {
    const { sha256 } = await pipelineDigest(pipeline, this.config.settings.PIPELINES_DIR);
    if (manifest.digest?.sha256 !== sha256) return this.otherPipeline(pipeline, run, manifest);
    // Of what never began nothing was read.
    return run.attempt === 0 ? null : this.otherFiles(run, manifest);
  }

  private otherPipeline(pipeline: Pipeline, { id: number }: Run, { version: before = '' }: Partial<Manifest>): Obstacle {
    const { version } = pipeline.manifest;
    if (before === version || before === '' || version === '') return { key: 'show.againOtherPipeline', values: { number } };
    return { key: 'show.againOtherVersion', values: { number, before, version } };
  }

  private async otherFiles(run: Run, manifest: Partial<Manifest>): Promise<Obstacle | null> {
    const number = run.id;
    const inputs = await this.inputs.of(run, ALL_INPUTS);
    const changed = inputs?.files.filter(({ since }) => since !== 'same') ?? [];
    if (changed.length > 0) return { key: 'show.againOtherFiles', values: { number, names: namesOf(changed) } };
    const isKnown = inputs?.complete ?? !(await this.hasFiles(run, manifest));
    return isKnown ? null : { key: 'show.againUnknownFiles', values: { number } };
  }

  private async hasFiles({ id }: Run, manifest: Partial<Manifest>): Promise<boolean> {
    const parameters = (await this.runs.details(id))?.parameters ?? {};
    return filesIn(manifest.parameters ?? [], parameters as ParameterValues).length > 0;
  }
}

function namesOf(files: readonly InputView[]): string {
  const named = files
    .slice(0, MOST_NAMED)
    .map(({ name, since }) => text(since === 'gone' ? 'show.againGone' : 'show.againChanged', { name }));
  const more = files.length - named.length;
  return [...named, ...(more > 0 ? [text('show.againMore', { count: more })] : [])].join(', ');
}
