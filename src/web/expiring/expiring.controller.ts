import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RemovalWarnings, type OpenedWarning } from '../../common/cleaning/removal-warnings';
import { RunExpiry } from '../../common/cleaning/run-expiry';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Visitor } from '../http/access/current';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { fieldText } from '../http/form';
import { subjectOf } from '../show/run-subject';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';

/** What `views/expiring/keep.hbs` shows. */
interface ExpiringView {
  title: string;
  pageClass: string;
  token: string;
  /** Null: for ever. */
  untilMs: number | null;
  runs: {
    id: number;
    pipeline: string;
    /** As the mail told it. */
    project: string;
    /** What tells it from others, which only the owner of the project reads; '' for anybody else. */
    subject: string;
    endedMs: number | null;
    goneMs: number | null;
    isLost: boolean;
  }[];
  /** Whether there is anything that the button would keep. */
  mayKeep: boolean;
  done: { kept: number; tooLate: number } | null;
}

/**
 * The link of a mail that tells what goes. Opening it shows a page with one button, and only the button keeps what the mail listed. It
 * needs no log-in, since it harms nobody to keep something; to see or to fetch anything one logs in, since mails are forwarded.
 */
@Controller('expiring')
export class ExpiringController {
  constructor(
    private readonly warnings: RemovalWarnings,
    private readonly expiry: RunExpiry,
    private readonly runs: RunsRepository,
  ) {}

  @Get(':token')
  @Access('anyone')
  async page(@Visitor() reader: User | null, @Param('token') token: string, @Res() response: Response): Promise<void> {
    keepFromOthers(response);
    const opened = await this.warnings.open(token);
    if (!opened) return refuse(response);
    response.render('expiring/keep', await this.view(opened, token, reader, null));
  }

  @Post()
  @Audited('run.keep-by-mail')
  @HttpCode(200)
  @Access('anyone')
  async keep(@Visitor() reader: User | null, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    keepFromOthers(response);
    const token = fieldText(form, 'token');
    const done = await this.warnings.keep(token);
    // Anybody can make links up, as many as they like.
    tellAudit(request, done ? { details: { kept: done.kept, tooLate: done.tooLate } } : { isNothing: true });
    const opened = done && (await this.warnings.open(token));
    if (!opened) return refuse(response);
    response.render('expiring/keep', await this.view(opened, token, reader, done));
  }

  private async view(
    { runs, untilMs }: OpenedWarning,
    token: string,
    reader: User | null,
    done: ExpiringView['done'],
  ): Promise<ExpiringView> {
    const { projects } = await this.expiry.around(runs);
    const own = reader === null ? [] : runs.filter(({ projectId }) => projects.get(projectId)?.ownerId === reader.id);
    const details = new Map((await this.runs.detailsOf(own.map(({ id }) => id))).map((one) => [one.runId, one]));
    const gone = await this.expiry.goneMsOf(runs);
    return {
      title: text('operations.expiringTitle'),
      pageClass: 'page-narrow',
      token,
      untilMs,
      runs: runs.map((run) => ({
        id: run.id,
        pipeline: titleInReadersWords(run),
        project: projects.get(run.projectId)?.name ?? '',
        subject: subjectOf(details.get(run.id)),
        endedMs: run.finishedMs,
        goneMs: gone.get(run.id) ?? null,
        isLost: run.doomedMs !== null,
      })),
      mayKeep: done === null && runs.some(({ id, doomedMs }) => doomedMs === null && gone.has(id)),
      done,
    };
  }
}

/** The address of the page holds a secret: no other page hears where its reader came from. `no-referrer` would break its form. */
function keepFromOthers(response: Response): void {
  response.setHeader('Referrer-Policy', 'strict-origin');
}

function refuse(response: Response): void {
  const page = {
    title: text('operations.expiringOverTitle'),
    pageClass: 'page-narrow',
    sentence: text('operations.expiringOver'),
    help: '',
    way: { path: '/projects', label: text('common.projects') },
  };
  response.status(404).render('accounts/link-fault', page);
}
