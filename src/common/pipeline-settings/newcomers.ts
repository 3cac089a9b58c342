import { Injectable } from '@nestjs/common';
import { PipelineCatalogue } from '../pipelines/pipeline-catalogue';
import { KnownPipelinesRepository } from './known-pipelines.repository';
import type { PipelineSetting } from './pipeline-setting.entity';
import { PipelineSettingsRepository } from './pipeline-settings.repository';

type Settings = ReadonlyMap<string, PipelineSetting>;

/** For so long another process may have forgotten what this one knows. */
const KNOWN_FOR_MS = 5000;

/**
 * Pipelines that nobody knows yet. A folder that is called otherwise is another pipeline, and what was said of the old name says nothing of
 * it. So while something that kept people out has lost its pipeline, each new one could be that pipeline: it stays with the administrators
 * until they say who may run it, or what became of the other.
 */
@Injectable()
export class Newcomers {
  private known: ReadonlySet<string> = new Set();
  private readMs = 0;

  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly rows: KnownPipelinesRepository,
    private readonly settings: PipelineSettingsRepository,
  ) {}

  /** What was said of pipelines that are not there, by id. */
  async lost(settings: Settings): Promise<PipelineSetting[]> {
    const there = new Set(await this.idsThere());
    return [...settings.values()]
      .filter((setting) => !there.has(setting.pipelineId) && setting.goneMs === null && saysSomething(setting))
      .sort((one, other) => one.pipelineId.localeCompare(other.pipelineId, 'en'));
  }

  /** Administrators said who may run it: it is none of those that are gone, or it is and they know. */
  accept(id: string): Promise<void> {
    return this.rows.add([id]);
  }

  /** Ids of those that nobody but administrators may run for now. */
  async heldBack(settings: Settings): Promise<ReadonlySet<string>> {
    const there = await this.idsThere();
    // What was gone is here again.
    for (const id of there) if ((settings.get(id)?.goneMs ?? null) !== null) await this.settings.setGone(id, false);
    const isNew = (id: string) => !this.known.has(id);
    await this.forgetAbsent(there, settings);
    if (!there.some(isNew)) return new Set();
    this.known = await this.rows.all();
    const fresh = there.filter(isNew);
    if (fresh.length === 0) return new Set();
    // An installation that never looked before knows none.
    const isSuspicious = this.known.size > 0 && (await this.lost(settings)).some(keepsOut);
    const isDecided = (id: string) => !isSuspicious || (settings.get(id)?.access ?? null) !== null;
    const decided = fresh.filter(isDecided);
    if (decided.length > 0) await this.rows.add(decided);
    return new Set(fresh.filter((id) => !isDecided(id)));
  }

  /**
   * A name that is given up is free for another pipeline, which nobody knows. While something that kept people out has lost its pipeline
   * names are kept: folders that are put back after a while are those that were there.
   */
  private async forgetAbsent(there: readonly string[], settings: Settings): Promise<void> {
    const nowMs = Date.now();
    if (nowMs - this.readMs > KNOWN_FOR_MS) [this.known, this.readMs] = [await this.rows.all(), nowMs];
    const absent = [...this.known].filter((id) => !there.includes(id));
    if (absent.length === 0 || (await this.lost(settings)).some(keepsOut)) return;
    await this.rows.forget(absent);
    this.known = new Set(there.filter((id) => this.known.has(id)));
  }

  /** Faulty ones among them: what cannot be read has its folder still. */
  private async idsThere(): Promise<string[]> {
    const [pipelines, broken] = await Promise.all([this.catalogue.list(), this.catalogue.broken()]);
    return [...new Set([...pipelines.map(({ manifest }) => manifest.id), ...broken.map(({ id }) => id)])].filter((id) => id !== '');
  }
}

function saysSomething({ isOff, access }: PipelineSetting): boolean {
  return isOff || access !== null;
}

function keepsOut({ isOff, access }: PipelineSetting): boolean {
  return isOff || (access !== null && access !== 'everyone');
}
