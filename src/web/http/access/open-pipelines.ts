import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError, UnavailableError } from '../../../common/errors';
import { Askers, type Asker } from '../../../common/members/asker';
import type { PipelineSetting } from '../../../common/pipeline-settings/pipeline-setting.entity';
import { PipelineSettingsRepository } from '../../../common/pipeline-settings/pipeline-settings.repository';
import { PipelineStandings, type PipelineStanding } from '../../../common/pipeline-settings/pipeline-standings';
import type { BrokenPipeline, Pipeline } from '../../../common/pipelines/manifest';
import { PipelineCatalogue } from '../../../common/pipelines/pipeline-catalogue';
import type { User } from '../../../common/users/user.entity';
import { Policy } from './policy';

/** A pipeline that somebody may run, and how it stands. */
export interface OpenPipeline {
  pipeline: Pipeline;
  /** What is told of it while it is off, '' for nothing; null while it is on. */
  offNote: string | null;
}

/** The pipelines as one person may meet them. Pages look them up here and nowhere else. */
@Injectable()
export class OpenPipelines {
  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly standings: PipelineStandings,
    private readonly settings: PipelineSettingsRepository,
    private readonly askers: Askers,
    private readonly policy: Policy,
  ) {}

  /** By title; those that are off as well. @param person null: somebody who is not logged in. */
  async list(person: User | null): Promise<OpenPipeline[]> {
    const pipelines = await this.catalogue.list();
    const standings = await this.standings.of(pipelines.map(({ manifest }) => manifest));
    const asker = person && (await this.askers.of(person));
    return pipelines.flatMap((pipeline) => {
      const standing = standings.get(pipeline.manifest.id);
      return standing && this.isOpen(person, asker, standing) ? [{ pipeline, offNote: standing.isOff ? standing.note : null }] : [];
    });
  }

  /** Ids of the pipelines of which somebody is not told, faulty ones among them, and those that are gone and were not for everybody. */
  async closedTo(person: User): Promise<Set<string>> {
    if (person.isAdmin) return new Set();
    const open = new Set((await this.list(person)).map(({ pipeline }) => pipeline.manifest.id));
    const known = (await this.catalogue.list()).map(({ manifest }) => manifest.id);
    const told = new Set(idsOf(await this.broken(person)));
    const faulty = idsOf(await this.catalogue.broken()).filter((id) => !told.has(id));
    const restricted = [...(await this.settings.all()).values()].filter(({ access }) => access !== null && access !== 'everyone');
    return new Set([...known, ...faulty, ...restricted.map(({ pipelineId }) => pipelineId)].filter((id) => !open.has(id)));
  }

  /** Undefined where there is none that this person may run. */
  async find(person: User | null, id: string): Promise<OpenPipeline | undefined> {
    const pipeline = await this.catalogue.find(id);
    if (!pipeline) return undefined;
    const standing = await this.standings.ofOne(pipeline.manifest);
    const asker = person && (await this.askers.of(person));
    return this.isOpen(person, asker, standing) ? { pipeline, offNote: standing.isOff ? standing.note : null } : undefined;
  }

  /**
   * @throws NotFoundError when there is none that this person may run; UnavailableError when it is broken: what is wrong with it is for
   * administrators.
   */
  async require(person: User, id: string): Promise<Pipeline> {
    const found = await this.find(person, id);
    if (!found && (await this.broken(person)).some((one) => one.id === id)) throw new UnavailableError('run.pipelineBroken', { id });
    if (!found) throw new NotFoundError('run.noSuchPipeline', { id: id.slice(0, 80) });
    return found.pipeline;
  }

  /**
   * Before a run of it is accepted. One that is gone from the folder is nobody's business here: runs of it keep what they need.
   * @throws NotFoundError when the person may not run it, ConflictError while it is off.
   */
  async requireOn(person: User, id: string): Promise<void> {
    if (!(await this.catalogue.find(id))) return this.requireNotOff((await this.settings.find(id)) ?? { isOff: false, note: '' });
    const found = await this.find(person, id);
    if (!found) throw new NotFoundError('run.noSuchPipeline', { id: id.slice(0, 80) });
    this.requireNotOff({ isOff: found.offNote !== null, note: found.offNote ?? '' });
  }

  private requireNotOff({ isOff, note }: Pick<PipelineSetting, 'isOff' | 'note'>): void {
    if (isOff) throw new ConflictError(note === '' ? 'run.pipelineOff' : 'run.pipelineOffNote', { note });
  }

  /** What could not be read. Nobody but administrators hears of what may not have been for everybody. */
  async broken(person: User): Promise<BrokenPipeline[]> {
    const broken = await this.catalogue.broken();
    if (person.isAdmin || broken.length === 0) return broken;
    const [settings, heldBack] = [await this.settings.all(), await this.standings.heldBack()];
    const said = ({ id }: BrokenPipeline) => settings.get(id)?.access ?? 'everyone';
    return broken.filter((one) => !one.isRestricted && said(one) === 'everyone' && !heldBack.has(one.id));
  }

  private isOpen(person: User | null, asker: Asker | null, { audience }: PipelineStanding): boolean {
    return this.policy.allows('pipelineUser', { person, pipeline: { audience, asker } });
  }
}

function idsOf(broken: readonly BrokenPipeline[]): string[] {
  return broken.map(({ id }) => id);
}
