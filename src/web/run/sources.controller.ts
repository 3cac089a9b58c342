import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { FoundNames, SortedNames } from '../../browser/form/found-names';
import { NotFoundError } from '../../common/errors';
import { pickedNames } from '../../common/pipelines/rich-entries';
import { unknownNames } from '../../common/pipelines/rich-fields';
import type { SourceNames } from '../../common/pipelines/surroundings';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access, ChangesNothing } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { OpenPipelines } from '../http/access/open-pipelines';
import { NotAudited } from '../http/audit/audited.decorator';
import { fieldText, type SubmittedForm } from '../http/form';
import { FormSources } from './form-sources';

/** Answers of a search at once. */
const MOST_FOUND = 50;

/** Names that the fields of a form pick from, for whoever types. */
@Controller('projects/:project/run/:pipeline/sources/:source')
export class SourcesController {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly sources: FormSources,
  ) {}

  @Get()
  @Access('projectRunner')
  async search(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Param('source') source: string,
    @Query() query: Record<string, unknown>,
  ): Promise<FoundNames> {
    const found = await this.namesOf(person, project, id, source, fieldText(query, 'run'));
    if ('fault' in found) return { names: [], count: 0, total: 0, fault: found.fault };
    return { ...search(found.names, fieldText(query, 'q').slice(0, 200)), total: found.names.size, fault: '' };
  }

  /** All names, one a line: for people without scripts. */
  @Get('all')
  @Access('projectRunner')
  async all(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Param('source') source: string,
    @Query('run') run: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const found = await this.namesOf(person, project, id, source, typeof run === 'string' ? run : '');
    response.type('text/plain; charset=utf-8').send('fault' in found ? `${found.fault}\n` : [...found.names, ''].join('\n'));
  }

  @Post('known')
  @NotAudited('only answers')
  @ChangesNothing()
  @Access('projectRunner')
  async known(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Param('source') source: string,
    @Body() form: SubmittedForm,
    @Res() response: Response,
  ): Promise<void> {
    const found = await this.namesOf(person, project, id, source, fieldText(form, 'run'));
    const names = 'fault' in found ? new Set<string>() : found.names;
    const asked = [...new Set(pickedNames([fieldText(form, 'names')], names))];
    const unknown = asked.filter((name) => !names.has(name));
    const sentence = unknown.length === 0 ? '' : 'fault' in found ? found.fault : unknownNames(unknown, names);
    const sorted: SortedNames = { known: asked.filter((name) => names.has(name)), unknown, sentence };
    response.status(200).json(sorted);
  }

  private async namesOf(person: User, project: Project, id: string, source: string, run: string): Promise<SourceNames> {
    const pipeline = await this.pipelines.require(person, id);
    const { sources = {} } = pipeline.manifest;
    const described = Object.hasOwn(sources, source) ? sources[source] : undefined;
    if (!described) throw new NotFoundError('run.noSuchSource', { name: source.slice(0, 80) });
    const entered = described.kind === 'columnsOf' && described.run !== null ? { [described.run]: run } : {};
    return this.sources.of(person, project, pipeline).names(source, entered);
  }
}

/** Names that hold all words of the question, in any letters; the one that is meant exactly first, then those that begin with it. */
export function search(names: ReadonlySet<string>, question: string): { names: string[]; count: number } {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = question.trim().toLowerCase();
  const ranked: string[][] = [[], [], []];
  let count = 0;
  for (const name of names) {
    const small = name.toLowerCase();
    if (!words.every((word) => small.includes(word))) continue;
    count += 1;
    const rank = ranked[small === whole ? 0 : small.startsWith(whole) ? 1 : 2];
    if (rank.length < MOST_FOUND) rank.push(name);
  }
  return { names: ranked.flat().slice(0, MOST_FOUND), count };
}
