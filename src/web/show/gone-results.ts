import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { catchError, from, mergeMap, type Observable, throwError } from 'rxjs';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, parseEntryPath } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import { RunOutputs, shownPath } from './run-outputs';
import { RunResults } from './run-results';

/** Says of a result that was there when its run ended, and is not any more, that it is gone: an old link is no mistake of who follows it. */
@Injectable()
export class GoneResults implements NestInterceptor {
  constructor(
    private readonly outputs: RunOutputs,
    private readonly results: RunResults,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { run, params } = context.switchToHttp().getRequest<Request>();
    return next
      .handle()
      .pipe(
        catchError((error: unknown) =>
          from(this.explained(error, run, params['path'])).pipe(mergeMap((better) => throwError(() => better))),
        ),
      );
  }

  /** @param segments of the address below the results. */
  private async explained(error: unknown, run: Run | undefined, segments: unknown): Promise<unknown> {
    if (!(error instanceof NotFoundError) || !run || !Array.isArray(segments)) return error;
    const path = parseEntryPath(segments.join('/'));
    const address = formatEntryPath(path);
    const record = await this.outputs.record(run);
    if (!record?.files.some((file) => file.path === address)) return error;
    const [name, number] = [shownPath(path), run.id];
    // Retention takes the whole run with its results: of one that is there somebody has deleted them.
    return new NotFoundError((await this.results.isInTrash(run, path)) ? 'show.resultInTrash' : 'show.resultGone', { name, number });
  }
}
