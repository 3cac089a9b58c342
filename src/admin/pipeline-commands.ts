import { Injectable } from '@nestjs/common';
import { StartupError } from '../common/errors';
import { EXIT_DATA, EXIT_USAGE } from '../common/exit-status';
import type { NamedAccess } from '../common/pipeline-settings/access-names';
import { PipelineOverview, type LostLine, type PipelineLine } from '../common/pipeline-settings/pipeline-overview';
import { PipelineSettings } from '../common/pipeline-settings/pipeline-settings';
import { reasonInWords } from '../common/waiting/waiting-words';
import { text } from '../locales/text';
import { clockTime, plainTable } from './plain-table';

const HEAD = ['PIPELINE', 'STATE', 'WHO MAY RUN IT', 'RUNNERS', 'RUNS', 'LAST'];

/** What an administrator sees of pipelines and does to them from the shell. Each command returns the text to print. */
@Injectable()
export class PipelineCommands {
  constructor(
    private readonly overview: PipelineOverview,
    private readonly settings: PipelineSettings,
  ) {}

  /** All of them, with what is wrong below the table. */
  async list(): Promise<string> {
    const lines = await this.overview.list();
    if (lines.length === 0) return 'There are no pipelines.';
    const rows = lines.map(({ id, file, state, access, runners, obstacle, figures, lastRunMs }) => [
      id || file,
      state,
      whoMay(access),
      obstacle ? '-' : runners.join(','),
      String(figures.runs),
      lastRunMs === null ? '-' : clockTime(lastRunMs, Date.now()),
    ]);
    return [plainTable(HEAD, rows), ...lines.flatMap(remarksOn), ...(await this.overview.lost()).map(remarkOnLost)].join('\n');
  }

  async switchOff(id: string, note: string): Promise<string> {
    await this.settings.switchOff(id, note, text('runners.fromShell'));
    const { waiting } = (await this.lineOf(id)).figures;
    const still =
      waiting === 0 ? '' : ` ${waiting} ${waiting === 1 ? 'run that waits' : 'runs that wait'} will still start: "cancel" ends them.`;
    return `${id} is off: nobody can ask for runs of it.${still}`;
  }

  async switchOn(id: string): Promise<string> {
    await this.settings.switchOn(id, text('runners.fromShell'));
    return `${id} is on.`;
  }

  /** @param words none: tells who may run it. `manifest`: whom its manifest names; else as `PipelineSettings.accessOf`. */
  async access(id: string, words: readonly string[]): Promise<string> {
    if (words.length > 0) {
      const isManifest = words.length === 1 && words[0] === 'manifest';
      await this.settings.setAccess(id, isManifest ? null : await this.settings.accessOf(words), text('runners.fromShell'));
    }
    const line = await this.lineOf(id);
    const source = line.said === null ? 'as its manifest says' : 'as an administrator said';
    return [`${id} can be run by: ${whoMay(line.access)} (${source}).`, ...unknownIn(line)].join('\n');
  }

  /** What was said of a pipeline that is not there any more counts for the one that it has become. */
  async renamed(id: string, words: readonly string[]): Promise<string> {
    const [now, ...more] = words;
    if (now === undefined || more.length > 0)
      throw new StartupError('pipeline-renamed needs the name that a pipeline had, and the one that it has.', EXIT_USAGE);
    await this.settings.renamed(id, now, text('runners.fromShell'));
    return `What was said of ${id} counts for ${now}.`;
  }

  async gone(id: string): Promise<string> {
    await this.settings.gone(id);
    return `${id} is gone: what was said of it counts for its earlier runs only.`;
  }

  private async lineOf(id: string): Promise<PipelineLine> {
    const line = (await this.overview.list()).find((one) => one.id === id && id !== '');
    if (!line) throw new StartupError(`There is no pipeline named ${id}. "node dist/admin pipelines" lists them.`, EXIT_DATA);
    return line;
  }
}

function whoMay(access: NamedAccess | null): string {
  if (access === null) return '-';
  if (typeof access === 'string') return access;
  return [...access.groups.map((name) => `group ${name}`), ...access.people].join(', ') || 'administrators';
}

function remarksOn(line: PipelineLine): string[] {
  const { id, file, state, note, faults, obstacle, isHeldBack } = line;
  const name = id || file;
  return [
    ...(state === 'off' && note !== '' ? [`${name}: off: ${note}`] : []),
    ...faults.map((fault) => `${file}: ${fault}`),
    ...unknownIn(line),
    ...(isHeldBack ? [`${name}: is new, and only administrators may run it until "pipeline-access" says who may.`] : []),
    ...(obstacle ? [`${name}: ${reasonInWords(obstacle, false, true)}`] : []),
  ];
}

function remarkOnLost({ id, access, isOff }: LostLine): string {
  const said = [...(access === null ? [] : [`can be run by: ${whoMay(access)}`]), ...(isOff ? ['off'] : [])];
  return `${id} is not there: ${said.join(', ')}. "pipeline-renamed" or "pipeline-gone" says what became of it.`;
}

function unknownIn({ id, unknownGroups }: PipelineLine): string[] {
  return unknownGroups.map((group) => `${id}: its manifest names the group ${group}, and there is none.`);
}
