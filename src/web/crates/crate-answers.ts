import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ConflictError } from '../../common/errors';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { closeSignal, sendZip } from '../archives/download/zip-answer';
import { ZipDownloads } from '../archives/download/zip-downloads';
import { withoutRunner } from '../show/for-visitors';
import { ALL_INPUTS, RunInputs } from '../show/run-inputs';
import { RunRecords } from '../show/run-records';
import type { CrateFacts } from './crate-facts';
import { commandWithout, CratePlaces, manifestWithout, sentenceWithout } from './crate-places';
import { RunCrate } from './run-crate';

/** Of the crate: results lie in a folder of this name. */
const RESULTS = Buffer.from('results');

/** Answers with a run as an RO-Crate. */
@Injectable()
export class CrateAnswers {
  constructor(
    private readonly downloads: ZipDownloads,
    private readonly files: ProjectFiles,
    private readonly records: RunRecords,
    private readonly users: UsersRepository,
    private readonly inputs: RunInputs,
    private readonly places: CratePlaces,
  ) {}

  /** @param reader whom the download counts for. @throws ConflictError while the run is not over, and as `ZipDownloads.with`. */
  async send(project: Project, run: Run, reader: string, request: Request, response: Response): Promise<void> {
    if (!isFinal(run.state)) throw new ConflictError('show.notOver');
    const facts = await this.facts(project, run, response.app.locals.site.version);
    const told = request.grant ? { ...facts, run: withoutRunner(facts.run), command: null } : facts;
    const companion = new RunCrate(told);
    const wish = { folder: this.files.resultsPath(run.id), names: null, top: RESULTS, companion };
    const name = `run-${run.id}.crate.zip`;
    await this.downloads.with(reader, project, wish, closeSignal(response), (zip) => sendZip(request, response, zip, name));
  }

  private async facts(project: Project, run: Run, version: string): Promise<CrateFacts> {
    const [record, inputs, requester] = await Promise.all([
      this.records.of(run, 1, true),
      this.inputs.of(run, ALL_INPUTS),
      this.users.findById(run.ownerId),
    ]);
    const hide = this.places.hider(project, run);
    return {
      run,
      note: run.note && sentenceWithout(run.note, hide),
      record: { ...record, inputs, manifest: manifestWithout(record.manifest, hide) },
      command: record.command && commandWithout(record.command.argv, hide),
      requester: requester?.displayName ?? '',
      version,
    };
  }
}
