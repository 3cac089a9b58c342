import { Controller, Get, Query, Render, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { ComparePage, type ComparePageView } from './compare-page.view';
import { joinAskOf, runNumbersIn } from './join-query';
import { JoinedTables } from './joined-table.service';
import { linkedAskOf, LinkedViewersPage, type LinkedViewersView } from './linked-viewers.service';

/** Runs beside each other. */
@Controller('projects/:project/compare')
export class CompareController {
  constructor(
    private readonly page: ComparePage,
    private readonly tables: JoinedTables,
    private readonly viewers: LinkedViewersPage,
  ) {}

  /** `run` names each, `more` several in one text; `only=differences` leaves out what is alike; `choose` with `find` lists runs to choose. */
  @Get()
  @Access('projectReader')
  @Render('compare/compare')
  compare(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Query() query: Record<string, unknown>,
  ): Promise<ComparePageView> {
    const more = typeof query['more'] === 'string' ? query['more'].split(/[^0-9]+/) : [];
    const runIds = runNumbersIn([...[query['run']].flat(), ...more]);
    return this.page.of(person, project, {
      runIds,
      onlyDifferences: query['only'] === 'differences',
      key: typeof query['key'] === 'string' ? query['key'] : '',
      find: soughtIn(query),
    });
  }

  /** One table of two of the `runs`, all rows joined by `key`; `export` hands the joined rows out. */
  @Get('table')
  @Access('projectReader')
  async table(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const ask = joinAskOf(query);
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('the reader has gone')));
    if (query['export'] !== undefined) return this.tables.send(person, ask, response, gone.signal);
    const view = await this.tables.show(person, project, ask, gone.signal);
    if (!gone.signal.aborted) response.set('Cache-Control', 'private, no-cache').render('compare/table', view);
  }

  /** One image of two to four of the `runs`, moved together: the results' `file`, or the manifest's `view`, `of` a name. */
  @Get('viewer')
  @Access('projectReader')
  @Render('compare/viewer')
  viewer(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Query() query: Record<string, unknown>,
  ): Promise<LinkedViewersView> {
    return this.viewers.show(person, project, linkedAskOf(query));
  }
}

const LONGEST_FIND = 100;

/** Null unless runs are chosen. The enter key in the field of numbers asks for a comparison, although the browser takes it for a search. */
function soughtIn({ choose, find, more }: Record<string, unknown>): string | null {
  const words = typeof find === 'string' ? find.trim().slice(0, LONGEST_FIND) : '';
  const isAsked = choose !== undefined && !(words === '' && typeof more === 'string' && more.trim() !== '');
  return isAsked ? words : null;
}
