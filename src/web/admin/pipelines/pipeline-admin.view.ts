import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { NotFoundError } from '../../../common/errors';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import type { NamedAccess } from '../../../common/pipeline-settings/access-names';
import { wordInReadersWords } from '../../../common/pipelines/pipeline-words';
import { PipelineOverview, type PipelineLine } from '../../../common/pipeline-settings/pipeline-overview';
import { UsersRepository } from '../../../common/users/users.repository';
import { reasonInWords } from '../../../common/waiting/waiting-words';
import { formatList } from '../../../locales/formats';
import { text } from '../../../locales/text';

/** One pipeline as both pages show it. */
interface PipelineRow extends Pick<
  PipelineLine,
  'id' | 'title' | 'version' | 'file' | 'state' | 'faults' | 'wordFaults' | 'note' | 'lastRunMs'
> {
  /** Whether it has a page of its own: a folder that cannot be read has no name. */
  hasPage: boolean;
  changed: PipelineLine['changed'];
  /** Who may run it. */
  whoMay: string;
  /** Whether an administrator said so, over the manifest. */
  isSaid: boolean;
  /** A sentence where its manifest names groups that are none; '' elsewhere. */
  unknownGroups: string;
  /** Where it could run, or why nowhere. */
  where: string;
  isStuck: boolean;
  runs: number;
  waiting: number;
  lastRunId: number | null;
}

/** What `views/admin/pipelines.hbs` shows. */
export interface PipelinesView {
  title: string;
  folder: string;
  pipelines: PipelineRow[];
}

type Choice = 'manifest' | 'everyone' | 'accounts' | 'administrators' | 'named';

/** What `views/admin/pipeline.hbs` shows. */
export interface PipelineView {
  title: string;
  pipeline: PipelineRow;
  /** What was entered, or holds. */
  note: string;
  choices: { value: Choice; label: string; isChosen: boolean }[];
  groups: { id: string; name: string; isChosen: boolean }[];
  /** One address or name a line. */
  people: string;
}

export interface AccessEntered {
  choice: string;
  groups: string[];
  people: string;
}

/** The pipelines as administrators see and steer them. */
@Injectable()
export class PipelineAdminPage {
  constructor(
    private readonly overview: PipelineOverview,
    private readonly groups: GroupsRepository,
    private readonly users: UsersRepository,
    private readonly config: AppConfig,
  ) {}

  async all(): Promise<PipelinesView> {
    const lines = await this.overview.list();
    return { title: text('pipelineSettings.title'), folder: this.config.settings.PIPELINES_DIR, pipelines: lines.map(rowOf) };
  }

  /** @throws NotFoundError when there is none of that name. */
  async of(id: string, note?: string, entered?: AccessEntered): Promise<PipelineView> {
    const line = (await this.overview.list()).find((one) => one.id === id && id !== '');
    if (!line) throw new NotFoundError('run.noSuchPipeline', { id: id.slice(0, 80) });
    const { said } = line;
    const named = said !== null && typeof said === 'object' ? said : { groups: [], people: [] };
    const chosen = entered ?? { choice: choiceOf(line), groups: named.groups, people: await this.lines(named.people) };
    const manifestSays = said === null ? inWords(line.access) : '';
    const labels: [Choice, string][] = [
      [
        'manifest',
        manifestSays === '' ? text('pipelineSettings.asManifest') : text('pipelineSettings.asManifestNow', { who: manifestSays }),
      ],
      ['everyone', text('pipelineSettings.everyone')],
      ['accounts', text('pipelineSettings.accounts')],
      ['administrators', text('pipelineSettings.administrators')],
      ['named', text('pipelineSettings.named')],
    ];
    return {
      title: wordInReadersWords(line.id, line.title),
      pipeline: rowOf(line),
      note: note ?? line.note,
      choices: labels.map(([value, label]) => ({ value, label, isChosen: value === chosen.choice })),
      groups: (await this.groups.all()).map(({ id: group, name }) => ({ id: group, name, isChosen: chosen.groups.includes(group) })),
      people: chosen.people,
    };
  }

  private async lines(ids: readonly string[]): Promise<string> {
    const people = await this.users.findByIds(ids);
    return people.map(({ email, displayName }) => `${email ?? displayName}\n`).join('');
  }
}

function choiceOf({ said }: PipelineLine): Choice {
  if (said === null) return 'manifest';
  return typeof said === 'string' ? said : 'named';
}

function rowOf(line: PipelineLine): PipelineRow {
  const { id, title, version, file, state, faults, wordFaults, note, changed, lastRunMs, obstacle, runners, figures } = line;
  return {
    id,
    title: wordInReadersWords(id, title),
    version,
    file,
    state,
    faults,
    wordFaults,
    note,
    changed,
    lastRunMs,
    hasPage: id !== '',
    whoMay: inWords(line.access),
    isSaid: line.said !== null,
    unknownGroups:
      line.unknownGroups.length === 0
        ? ''
        : text('pipelineSettings.unknownGroups', { count: line.unknownGroups.length, names: formatList(line.unknownGroups) }),
    where: obstacle ? reasonInWords(obstacle, false, true) : formatList(runners),
    isStuck: obstacle !== null,
    runs: figures.runs,
    waiting: figures.waiting,
    lastRunId: figures.lastRunId,
  };
}

/** '' where nobody knows. */
function inWords(access: NamedAccess | null): string {
  if (access === null) return '';
  if (typeof access === 'string') return text(`pipelineSettings.${access}`);
  const names = [...access.groups.map((name) => text('pipelineSettings.group', { name })), ...access.people];
  return names.length === 0 ? text('pipelineSettings.nobodyLeft') : formatList(names);
}
