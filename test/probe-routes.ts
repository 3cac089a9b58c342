import { Body, Controller, Get, Module, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  LimitError,
  NotFoundError,
  TooManyRequestsError,
  UnavailableError,
} from '../src/common/errors';
import type { Project } from '../src/common/projects/project.entity';
import type { Run } from '../src/common/queue/run.entity';
import type { User } from '../src/common/users/user.entity';
import { Access } from '../src/web/http/access/access.decorator';
import { AccessModule } from '../src/web/http/access/access.module';
import { CurrentPerson, CurrentProject, CurrentRun } from '../src/web/http/access/current';
import { redirect } from '../src/web/http/addresses';
import { CsrfTokens } from '../src/web/http/csrf';
import { ChecksCsrfItself } from '../src/web/http/csrf.guard';
import { flash } from '../src/web/http/flash';

const FAILURES: Record<string, () => unknown> = {
  notFound: () => new NotFoundError('errors.notFound'),
  forbidden: () => new ForbiddenError('errors.forbidden'),
  conflict: () => new ConflictError('accounts.alreadyAccount'),
  input: () => new InvalidInputError('accounts.emailBad', {}, 'email'),
  limit: () => new LimitError('errors.tooLarge'),
  tries: () => new TooManyRequestsError('errors.tooManyTries', 61),
  unavailable: () => new UnavailableError('errors.unavailable'),
  diskFull: () => Object.assign(new Error('ENOSPC: no space left on device, write /secret/path'), { code: 'ENOSPC' }),
  databaseAway: () => Object.assign(new Error('connect ECONNREFUSED /secret/socket'), { code: 'ECONNREFUSED', fatal: true }),
  hungUp: () => Object.assign(new Error('read ECONNRESET of a secret client'), { code: 'ECONNRESET' }),
  defect: () => new TypeError('secret of the code'),
  text: () => 'a thrown secret text',
  nothing: () => undefined,
};

/** Routes that only tests have: one for each thing that `web/http` does for all pages. */
@Controller('probe')
class ProbeController {
  constructor(private readonly tokens: CsrfTokens) {}

  @Get('person')
  @Access('person')
  person(@CurrentPerson() person: User): { id: string; kind: string } {
    return { id: person.id, kind: person.kind };
  }

  @Get('fail/:kind')
  @Access('anyone')
  fail(@Param('kind') kind: string): never {
    throw FAILURES[kind]?.();
  }

  @Get('half')
  @Access('anyone')
  half(@Res() response: Response): never {
    response.write('half an answer');
    throw new Error('too late');
  }

  @Get('undrawable')
  @Access('anyone')
  undrawable(@Res() response: Response): void {
    response.locals.csrfToken = 'x';
    response.render('no/such/template', {});
  }

  @Get('forgotten')
  forgotten(): string {
    return 'nobody may see this';
  }

  @Get('query')
  @Access('anyone')
  query(@Query() query: unknown): unknown {
    return { query };
  }

  @Post('form')
  @Access('anyone')
  form(@Body() form: unknown): unknown {
    return { form };
  }

  @Post('own-body')
  @Access('anyone')
  @ChecksCsrfItself()
  async ownBody(@Req() request: Request): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const field = /name="_csrf"\r\n\r\n([^\r]*)/.exec(Buffer.concat(chunks).toString());
    await this.tokens.verify(request, field?.[1]);
    return 'kept';
  }

  @Post('flash')
  @Access('person')
  async flash(@Req() request: Request, @Res() response: Response): Promise<void> {
    flash(request, 'ok', 'accounts.guestName', { number: 'was said' });
    redirect(response, '/probe/nowhere');
  }

  @Get('projects/:project')
  @Access('projectOwner')
  ownProject(@CurrentProject() project: Project): string {
    return `project ${project.name}`;
  }

  @Get('projects/:project/read')
  @Access('projectReader')
  readProject(@CurrentProject() project: Project): string {
    return `project ${project.name}`;
  }

  @Get('runs/:run')
  @Access('runReader')
  readRun(@CurrentRun() run: Run, @CurrentProject() project: Project): string {
    return `run ${run.id} of ${project.name}`;
  }

  @Post('runs/:run')
  @Access('runOwner')
  changeRun(@CurrentRun() run: Run): string {
    return `changed ${run.id}`;
  }

  @Get('projects/:project/runs/:run')
  @Access('runReader')
  runOfProject(@CurrentRun() run: Run): string {
    return `run ${run.id}`;
  }

  @Get('admin')
  @Access('admin')
  admin(): string {
    return 'for administrators';
  }

  /** Begins at once and ends 300 ms later: long enough to be under way when a test stops the server. */
  @Get('slow')
  @Access('anyone')
  slow(@Res() response: Response): void {
    response.write('begun');
    setTimeout(() => response.end(', and finished'), 300);
  }

  @Get('stream')
  @Access('anyone')
  stream(@Res() response: Response): void {
    response.setHeader('Content-Type', 'text/event-stream');
    response.write('data: begun\n\n');
  }
}

@Module({ imports: [AccessModule], controllers: [ProbeController] })
export class ProbeRoutes {}
