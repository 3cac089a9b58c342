import { Controller, Get, Header, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Access } from '../http/access/access.decorator';
import { Readiness } from './readiness';

/** For probes and monitors; JSON, open to everybody, no secrets. */
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** The process answers. Asks nothing else, so that a sick database does not make an orchestrator restart a healthy process. */
  @Get('healthz')
  @Access('anyone')
  @Header('Cache-Control', 'no-store')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200 when people can work, else 503; each check says which. */
  @Get('readyz')
  @Access('anyone')
  async ready(@Res() response: Response): Promise<void> {
    const report = await this.readiness.look();
    response.status(report.status === 'ok' ? 200 : 503).json(report);
  }
}
