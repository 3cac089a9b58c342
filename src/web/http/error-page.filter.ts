import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger, MethodNotAllowedException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError, LoginRequiredError } from '../../common/errors';
import { currentLanguage } from '../../locales/language';
import { storedText, text } from '../../locales/text';
import { basePathOf, currentPath, redirect } from './addresses';
import { changesSomething } from './csrf';
import { describeFailure, type Failure } from './failure';
import { formsOnly } from './forms-only';
import { isForPrograms } from './tokens/api-path';
import { withoutSecrets } from './request-log';
import { waysOn, type Way } from './ways-on';

interface ErrorPage {
  title: string;
  status: number;
  heading: string;
  sentence: string;
  ways: Way[];
  requestId: string;
  /** The service itself is in trouble: nobody can log in or sign up now. */
  isAway: boolean;
}

/**
 * Turns whatever was thrown, in a handler or before one, into a page in our look, or JSON or plain text for programs. A stack goes to
 * the log under the number that the page shows. Needs neither session nor database, and falls back to a bare page if drawing fails.
 */
@Catch()
export class ErrorPageFilter implements ExceptionFilter {
  private readonly logger = new Logger('Request');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const failure = inContext(describeFailure(formsOnly(error, request) ? new MethodNotAllowedException() : error), request);
    this.log(error, failure, request);
    if (response.headersSent) {
      // Half an answer is out: cutting the connection is the only way to say that the rest is missing.
      if (!response.writableEnded) response.destroy();
      return;
    }
    if (failure.status === 401 && isForPrograms(request)) response.setHeader('WWW-Authenticate', 'Bearer');
    if (error instanceof LoginRequiredError && !isForPrograms(request) && !changesSomething(request) && request.accepts('html')) {
      redirect(response, `/login?next=${encodeURIComponent(currentPath(request))}`);
      return;
    }
    if (failure.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(failure.retryAfterSeconds));
    if (failure.status === 405) response.setHeader('Allow', 'POST');
    response.status(failure.status);
    this.answer(failure, request, response);
  }

  private answer(failure: Failure, request: Request, response: Response): void {
    const { status, heading, sentence, key, values } = failure;
    const form = request.accepts(['html', 'json', 'text']);
    if (form === 'html') return this.draw(failure, request, response);
    // Clients of event streams and of images get a sentence that a log can show.
    if (form === 'json') response.json({ error: { status, heading, message: sentence, key, values, request: request.id } });
    else response.type('text/plain').send(`${heading}\n${sentence}\n${request.id}\n`);
  }

  private draw(failure: Failure, request: Request, response: Response): void {
    const page: ErrorPage = {
      title: failure.heading,
      status: failure.status,
      heading: failure.heading,
      sentence: failure.sentence,
      ways: waysOn(failure, request),
      requestId: request.id,
      isAway: failure.status >= 500 && !request.user,
    };
    response.render('errors/error', page, (drawingError: Error | null, html?: string) => {
      if (drawingError) this.logger.error(`${request.id} the error page cannot be drawn: ${drawingError.stack}`);
      response.type('html').send(html ?? barePage(page, basePathOf(response), response.app.locals.site.name));
    });
  }

  private log(error: unknown, failure: Failure, request: Request): void {
    const what = `${request.id} ${request.method} ${JSON.stringify(withoutSecrets(request.path))} ${failure.status}`;
    if (failure.status === 500) this.logger.error(`${what}\n${error instanceof Error ? error.stack : String(error)}`);
    else if (failure.status > 500) this.logger.warn(`${what} ${inLog(error)}`);
    else this.logger.debug(`${what} ${shortly(error)}`);
  }
}

/** What the framework says of an address that is none names the whole of it, with a query that may hold a secret. */
function shortly(error: unknown): string {
  if (error instanceof DomainError) return error.key;
  return error instanceof HttpException ? error.name : String(error);
}

/** A page of the administration has no owner whom its reader could ask. */
function inContext(failure: Failure, { path }: Request): Failure {
  const isAdmins = failure.key === 'errors.forbidden' && /^\/admin(\/|$)/.test(path);
  return isAdmins ? { ...failure, sentence: text('errors.explainAdmin') } : failure;
}

/** In one language, whoever asked. */
function inLog(error: unknown): string {
  return error instanceof DomainError ? `${error.name}: ${storedText(error.key, error.values)}` : String(error);
}

function barePage({ heading, sentence, ways, requestId }: ErrorPage, basePath: string, site: string): string {
  const links = ways.map((way) => `<a href="${escape(basePath + way.path)}">${escape(way.label)}</a>`).join(' · ');
  return `<!doctype html><html lang="${currentLanguage().tag}"><head><meta charset="utf-8"><title>${escape([heading, text('common.product'), site].filter(Boolean).join(' · '))}</title></head><body>
<h1>${escape(heading)}</h1><p>${escape(sentence)}</p><p>${links}</p><p>${escape(text('errors.quote'))} ${escape(requestId)}</p></body></html>`;
}

function escape(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
