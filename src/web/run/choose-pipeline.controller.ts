import { Body, Controller, Get, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { inReadersWords } from '../../common/pipelines/pipeline-words';
import type { BrokenPipeline } from '../../common/pipelines/manifest';
import { formatEntryName, formatEntryPath } from '../../common/files/entry-name';
import { Obstacles } from '../../common/waiting/obstacles.service';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { formatList } from '../../locales/formats';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { NotAudited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { OpenPipelines } from '../http/access/open-pipelines';
import { offNotes, pipelineLines, whileFull, whileOff, type PipelineLine } from '../projects/pipeline-list.view';
import { readSelection } from '../files/selection';
import { SpaceAlarms, type SpaceAlarm } from '../space/space-alarms';
import { flash } from '../http/flash';
import { redirect } from '../http/addresses';
import { chosenFiles, chosenQuery, formQuery } from './chosen-files';
import { FollowedRuns, type FollowedRun } from './followed-runs';
import { InputFiles, type FileChoice } from './input-files';

/** `query` fills its form with the chosen files; '' for none, null where they are too many. */
type Choice = PipelineLine & { summary: string; takes: string; gives: string; query: string | null };

interface ChooseView {
  title: string;
  project: { id: string; name: string };
  /** Null where there is room. */
  spaceAlarm: SpaceAlarm | null;
  pipelines: Choice[];
  /** The run that is to succeed first; null for none. */
  after: { number: number; title: string } | null;
  /** Names of the files that were chosen in the project; none where nobody chose. */
  chosen: string[];
  /** For administrators; empty for others. */
  broken: BrokenPipeline[];
  /** The same for others, who read no more of them than their names; '' for none. */
  unavailable: string;
}

/** All pipelines, those that could run on this project's files first. */
@Controller('projects/:project/run')
export class ChoosePipelineController {
  constructor(
    private readonly open: OpenPipelines,
    private readonly files: InputFiles,
    private readonly obstacles: Obstacles,
    private readonly space: SpaceAlarms,
    private readonly followed: FollowedRuns,
  ) {}

  @Get()
  @Access('projectRunner')
  @Render('run/choose')
  async choose(@CurrentPerson() person: User, @CurrentProject() project: Project, @Req() request: Request): Promise<ChooseView> {
    const [open, { choices }] = await Promise.all([this.open.list(person), this.files.of(person, project)]);
    const all = open.map(({ pipeline }) => inReadersWords(pipeline).manifest);
    const manifests = new Map(all.map((manifest) => [manifest.id, manifest]));
    // Not by the parser of the other pages, which makes something else of very many values.
    const asked = new URL(request.originalUrl, 'http://showrunner.invalid').searchParams;
    const chosen = chosenFiles(asked, choices);
    const after = await this.followed.of(project, asked.get('after'));
    const namesOf = (...groups: FileChoice['group'][]) => choices.filter(({ group }) => groups.includes(group)).map(({ name }) => name);
    const counted = chosen.length > 0 ? chosen.map(({ name }) => name) : namesOf('project');
    const others = chosen.length > 0 ? null : { results: namesOf('results'), inbox: namesOf('own', 'inbox') };
    const broken = await this.open.broken(person);
    const spaceAlarm = await this.space.of(person, project.ownerId);
    const anyway = whileOff(pipelineLines(all, counted, await this.obstacles.of(all), others), offNotes(open));
    const lines = spaceAlarm ? whileFull(anyway) : anyway;
    return {
      title: text('run.chooseTitle'),
      project: { id: project.id, name: project.name },
      spaceAlarm,
      after: after && { number: after.number, title: after.title },
      chosen: chosen.map(({ label }) => label),
      pipelines: lines.map((line) => {
        const manifest = manifests.get(line.id);
        const { summary = '', takes = '', gives = '' } = manifest ?? {};
        const query = manifest ? withRun(formQuery(manifest, chosen), after) : '';
        return { ...line, ...(query === null && { sentence: text('run.tooManyChosen') }), summary, takes, gives, query };
      }),
      broken: person.isAdmin ? broken : [],
      unavailable: person.isAdmin ? '' : formatList(broken.flatMap(({ id }) => (id === '' ? [] : [id]))),
    };
  }

  /** With files that were ticked in the project. */
  @Post()
  @NotAudited('shows a form')
  @Access('projectRunner')
  withFiles(@CurrentProject() project: Project, @Body() form: unknown, @Req() request: Request, @Res() response: Response): void {
    const { folder, names } = readSelection(form);
    const query = chosenQuery(formatEntryPath(folder), names.map(formatEntryName));
    if (query === null) flash(request, 'warn', 'run.tooManyChosen');
    redirect(response, `/projects/${project.id}/run${query ? `?${query}` : ''}`);
  }
}

function withRun(query: string | null, after: FollowedRun | null): string | null {
  if (!after || query === null) return query;
  return [`after=${after.number}`, query].filter((part) => part !== '').join('&');
}
