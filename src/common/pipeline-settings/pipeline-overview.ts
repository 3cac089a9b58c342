import { Injectable } from '@nestjs/common';
import type { PipelineAccess } from '../pipelines/access';
import type { BrokenPipeline, Manifest, Pipeline } from '../pipelines/manifest';
import { leastDemandOf } from '../pipelines/needs';
import { PipelineCatalogue } from '../pipelines/pipeline-catalogue';
import { engineOf } from '../pipelines/runtime';
import { couldEverTake } from '../queue/choose-runs';
import { QueueFiguresRepository, type PipelineFigures } from '../queue/queue-figures.repository';
import type { RunnerStanding } from '../queue/runners.repository';
import { obstacleOf, type Obstacle } from '../waiting/waiting-reason';
import { LivingRunners } from './living-runners';
import { AccessNames, type NamedAccess } from './access-names';
import type { PipelineSetting } from './pipeline-setting.entity';
import { PipelineSettingsRepository } from './pipeline-settings.repository';
import { PipelineStandings } from './pipeline-standings';
import type { StoredAccess } from './stored-access';

/** An entry of PIPELINES_DIR as administrators see it. */
export interface PipelineLine {
  id: string;
  title: string;
  version: string;
  /** Of a faulty one: where the faults are, relative to PIPELINES_DIR; '' elsewhere. */
  file: string;
  state: 'on' | 'off' | 'faulty';
  /** Sentences with line and field. */
  faults: string[];
  /** What is wrong with translations, which takes nothing from it. */
  wordFaults: string[];
  /** Told to people while it is off. */
  note: string;
  /** Who changed its settings last, and when; null where nobody did. */
  changed: { by: string; atMs: number } | null;
  /** Null where the manifest cannot be read and nobody else said anything. */
  access: NamedAccess | null;
  /** What an administrator said; null: the manifest decides. */
  said: StoredAccess | null;
  /** Whether only administrators may run it until they say more: it could be one of those of which something was said and that are gone. */
  isHeldBack: boolean;
  /** Names of groups in its manifest that are none. */
  unknownGroups: string[];
  /** Living runners that could carry out its smallest run. */
  runners: string[];
  obstacle: Obstacle | null;
  figures: PipelineFigures;
  lastRunMs: number | null;
}

/** What was said of a pipeline that is not there. */
export interface LostLine {
  id: string;
  isOff: boolean;
  note: string;
  /** Null where only its being off was said. */
  access: NamedAccess | null;
  changed: { by: string; atMs: number };
}

const NO_FIGURES: PipelineFigures = { runs: 0, waiting: 0, lastRunId: null };

/** All pipelines with their faults, their settings and what became of them. */
@Injectable()
export class PipelineOverview {
  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly settings: PipelineSettingsRepository,
    private readonly standings: PipelineStandings,
    private readonly figures: QueueFiguresRepository,
    private readonly names: AccessNames,
    private readonly machines: LivingRunners,
  ) {}

  /** Faulty ones first, then by title. */
  async list(): Promise<PipelineLine[]> {
    const [pipelines, broken, settings] = await Promise.all([this.catalogue.list(), this.catalogue.broken(), this.settings.all()]);
    const known = await this.standings.of(pipelines.map(({ manifest }) => manifest));
    const heldBack = await this.standings.heldBack();
    const runners = await this.machines.all();
    const figures = await this.figures.ofPipelines();
    const lines = await Promise.all(
      pipelines.map(async ({ manifest, wordFaults = [] }: Pipeline): Promise<PipelineLine> => {
        const setting = settings.get(manifest.id);
        return {
          ...(await this.common(manifest.id, setting, manifest.access ?? 'everyone')),
          ...strengthOf(manifest, runners),
          title: manifest.title,
          version: manifest.version,
          state: setting?.isOff ? 'off' : 'on',
          wordFaults,
          unknownGroups: known.get(manifest.id)?.unknownGroups ?? [],
          ...(heldBack.has(manifest.id) ? { isHeldBack: true, access: 'administrators' } : {}),
          ...figuresOf(manifest.id, figures),
        };
      }),
    );
    const faulty = await Promise.all(broken.map((one) => this.faulty(one, settings.get(one.id), figures)));
    return [...faulty.map((line) => (heldBack.has(line.id) ? { ...line, isHeldBack: true } : line)), ...lines];
  }

  /** What administrators have to mend: the faulty ones, ids of missing ones, and of new ones that only they may run until they say more. */
  async troubled(): Promise<{ broken: BrokenPipeline[]; lost: string[]; heldBack: string[] }> {
    const lost = (await this.standings.lost()).map(({ pipelineId }) => pipelineId);
    return { broken: await this.catalogue.broken(), lost, heldBack: [...(await this.standings.heldBack())].sort() };
  }

  /** By id. */
  async lost(): Promise<LostLine[]> {
    const settings = await this.standings.lost();
    return Promise.all(
      settings.map(async ({ pipelineId, isOff, note, access, changedBy, changedMs }) => ({
        id: pipelineId,
        isOff,
        note,
        access: access && (await this.names.of(access)),
        changed: { by: changedBy, atMs: changedMs },
      })),
    );
  }

  private async faulty(
    { id, file, faults }: BrokenPipeline,
    setting: PipelineSetting | undefined,
    figures: ReadonlyMap<string, PipelineFigures & { lastRunMs: number | null }>,
  ): Promise<PipelineLine> {
    return { ...(await this.common(id, setting, null)), title: id || file, file, state: 'faulty', faults, ...figuresOf(id, figures) };
  }

  private async common(id: string, setting: PipelineSetting | undefined, access: PipelineAccess | null): Promise<PipelineLine> {
    const said = setting?.access ?? null;
    return {
      id,
      title: id,
      version: '',
      file: '',
      state: 'on',
      faults: [],
      wordFaults: [],
      note: setting?.note ?? '',
      changed: setting ? { by: setting.changedBy, atMs: setting.changedMs } : null,
      access: said === null ? access : await this.names.of(said),
      said,
      isHeldBack: false,
      unknownGroups: [],
      runners: [],
      obstacle: null,
      figures: NO_FIGURES,
      lastRunMs: null,
    };
  }
}

function strengthOf(
  { needs, parameters, runtime }: Manifest,
  runners: readonly RunnerStanding[],
): Pick<PipelineLine, 'runners' | 'obstacle'> {
  const asked = { ...leastDemandOf(needs, parameters), engine: engineOf(runtime) };
  const able = runners.filter((runner) => runner.isAlive && couldEverTake(runner, asked));
  return { runners: able.map(({ name }) => name), obstacle: obstacleOf(asked, runners) };
}

function figuresOf(
  id: string,
  figures: ReadonlyMap<string, PipelineFigures & { lastRunMs: number | null }>,
): Pick<PipelineLine, 'figures' | 'lastRunMs'> {
  const own = figures.get(id);
  return { figures: own ?? NO_FIGURES, lastRunMs: own?.lastRunMs ?? null };
}
