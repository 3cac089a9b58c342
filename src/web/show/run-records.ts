import { Injectable } from '@nestjs/common';
import { RunFolders } from '../../common/files/run-folders';
import { QueueFiguresRepository } from '../../common/queue/queue-figures.repository';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { storedInReadersWords } from '../../common/pipelines/pipeline-words';
import { quoteCommand } from '../../common/pipelines/shell-words';
import { usualInWords } from '../../common/waiting/usual-words';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import { readCommand } from './command-record';
import { isFinal } from '../../common/queue/run-state';
import { readOutcome, rowsTitleIn, type OutcomeView } from './outcome.view';
import { readImage, type ImageRecord } from './image-record';
import { readLimits } from './limit-record';
import { eventViews, parameterViews, type EventView, type ParameterView, type StoredManifest } from './run-facts';
import { RunFiles } from './run-files';
import type { InputsView } from './run-inputs';
import type { OutputsView } from './run-outputs';
import { readWrittenFiles } from './written-files';
import type { WrittenFile } from '../../common/pipelines/argument-files/written-record';
import { isTakenOver } from '../../common/queue/taken-over';
import { LogPanel, type LogPanelView } from './log/log-panel';

/** All that was written down about a run, as a page shows it. */
export interface RunRecord {
  manifest: StoredManifest;
  parameters: ParameterView[];
  events: EventView[];
  /** As one could type it in a shell; null before the first start. */
  command: { line: string; argv: string[]; cwd: string } | null;
  /** What was written for it before it started, as it was then. */
  written: WrittenFile[];
  /** What held the program to which limits; '' for none. */
  limits: string;
  /** What its container was made of; null for other engines. */
  image: ImageRecord | null;
  /** What became of its steps and rows; null where its pipeline does not tell them apart, and while it runs. */
  outcome: OutcomeView | null;
  /** The runs that it was asked for together with; null for one alone. */
  sweep: { id: string; runCount: number } | null;
  /** Which files it was started with; null for none. */
  inputs: InputsView | null;
  /** What it has left, with checksums; null before its end, and for nothing. */
  outputs: OutputsView | null;
  /** Null before the first start. */
  log: LogPanelView | null;
  /** How long its pipeline usually takes, in words, as far as its last runs tell; '' for nothing. */
  usually: string;
  /** The median of these times, in seconds; null for nothing. */
  typicalSeconds: number | null;
}

/** Reads what the database and the control files know of a run. */
@Injectable()
export class RunRecords {
  constructor(
    private readonly runs: RunsRepository,
    private readonly figures: QueueFiguresRepository,
    private readonly folders: RunFolders,
    private readonly log: LogPanel,
    private readonly files: RunFiles,
    private readonly sweeps: SweepsRepository,
  ) {}

  /** @param logLines how many of the last lines of the log are wanted. @param isForRecord whether the pipeline is told as it was written, in no other language. */
  async of(run: Run, logLines: number, isForRecord = false): Promise<RunRecord> {
    const [stored, events, command, written, limits, image, outcome, files, log, usual, sweep] = await Promise.all([
      this.runs.details(run.id),
      this.runs.events(run.id),
      readCommand(this.folders.of(run.id)),
      run.attempt === 0 ? [] : readWrittenFiles(this.folders.of(run.id), run.attempt),
      readLimits(this.folders.of(run.id), run.attempt),
      run.engine === 'docker' ? readImage(this.folders.of(run.id), run.attempt) : null,
      run.attempt === 0 || !isFinal(run.state) ? null : readOutcome(this.folders.of(run.id), run.attempt, run.pipelineId),
      this.files.of(run),
      run.attempt === 0 || isTakenOver(run) ? null : this.log.of(run, logLines),
      this.figures.usualTime(run.pipelineId),
      this.sweeps.ofRun(run.id),
    ]);
    const manifest: StoredManifest = isForRecord ? (stored?.manifest ?? {}) : storedInReadersWords(stored?.manifest ?? {});
    return {
      sweep: sweep && { id: sweep.id, runCount: sweep.runCount },
      manifest,
      parameters: stored ? parameterViews({ parameters: stored.parameters, manifest }) : [],
      events: eventViews(events),
      command: command && { line: quoteCommand(command.argv), argv: command.argv, cwd: command.cwd },
      written,
      limits,
      image,
      outcome: outcome && { ...outcome, rowsTitle: rowsTitleIn(manifest) },
      ...files,
      log,
      usually: usual ? usualInWords(usual) : '',
      typicalSeconds: usual?.median ?? null,
    };
  }
}
