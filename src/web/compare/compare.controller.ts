import { Controller, Get, Query, Render } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentProject } from '../http/access/current';
import { ComparePage, MOST_COMPARED, type ComparePageView } from './compare-page.view';
import { runNumberIn } from '../http/ids';

/** Runs beside each other. `run` names each; `only=differences` leaves out what is alike; `key` is the column that names rows. */
@Controller('projects/:project/compare')
export class CompareController {
  constructor(private readonly page: ComparePage) {}

  @Get()
  @Access('projectReader')
  @Render('compare/compare')
  compare(@CurrentProject() project: Project, @Query() query: Record<string, unknown>): Promise<ComparePageView> {
    const key = query['key'];
    return this.page.of(project, {
      runIds: runsOf(query['run']),
      onlyDifferences: query['only'] === 'differences',
      key: typeof key === 'string' ? key : '',
    });
  }
}

function runsOf(value: unknown): number[] {
  const texts = Array.isArray(value) ? (value as unknown[]) : [value];
  const numbers = texts.map(runNumberIn).filter((number) => number !== null);
  return [...new Set(numbers)].slice(0, MOST_COMPARED).sort((one, other) => one - other);
}
