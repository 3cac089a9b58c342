import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../common/errors';
import { Access } from '../http/access/access.decorator';
import { CONTENT_TYPE, exposed } from './exposition';
import { HttpMetrics } from './http-metrics';
import { MetricsReaders } from './metrics-readers';
import { Metrics } from './metrics.service';

/** For Prometheus. To everybody else there is no such address. */
@Controller()
export class MetricsController {
  constructor(
    private readonly readers: MetricsReaders,
    private readonly metrics: Metrics,
    private readonly http: HttpMetrics,
  ) {}

  @Get('metrics')
  @Access('anyone')
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (!this.readers.mayRead(request)) throw new NotFoundError('errors.notFound');
    const text = exposed([...(await this.metrics.gather()), ...this.http.metrics()]);
    // A type of its own: Express would add to it.
    response.setHeader('Content-Type', CONTENT_TYPE);
    response.setHeader('Cache-Control', 'no-store');
    response.end(text);
  }
}
