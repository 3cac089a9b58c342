import { Controller, Get, Options, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import { ForbiddenError, NotFoundError } from '../../common/errors';
import { formatEntryPath, showEntryName } from '../../common/files/entry-name';
import { escapeExpression } from 'handlebars';
import { Access } from '../http/access/access.decorator';
import { pathOfSegments } from '../http/entry-path';
import { sendFile } from '../show/file-response';
import { address } from '../views/helpers';
import { Assets } from '../views/assets';
import { Capabilities, type OpenedCapability } from './capabilities';
import { CONTENT, contentRoot, policySource } from './content-address';
import { FILE_POLICY, OWN_CONNECTIONS, pagePolicy } from './content-policy';
import { contentTypeOf, isHtml } from './content-type';
import { sendDocument } from './html-document';

/** Files of a page are asked for by an origin without a name, and are the same for whoever knows the link. */
const OPEN_TO_PAGES = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Length, Content-Range, ETag',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
/** A viewer turns back to the same tiles again and again. */
const KEEP = 'private, max-age=600';
/** What a browser says that it loads where the answer would become a window, a frame of somebody, or a plug-in. */
const AS_DOCUMENT = new Set(['document', 'embed', 'object']);

/**
 * The files of pages that pipelines wrote, for the frames in which our pages show them. The link in the path is the only right that counts
 * here; no cookie is read. On plain http browsers do not tell what they load, so a page also looks by itself whether it stands in a frame.
 */
@Controller(CONTENT)
export class ContentController {
  constructor(
    private readonly config: AppConfig,
    private readonly capabilities: Capabilities,
    private readonly assets: Assets,
  ) {}

  @Get(':token/*path')
  @Access('anyone')
  async file(
    @Param('token') token: string,
    @Param('path') segments: string[],
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (AS_DOCUMENT.has(request.headers['sec-fetch-dest'] ?? '')) throw new ForbiddenError('reports.onlyFramed');
    const opened = await this.capabilities.open(token);
    if (opened.kind === 'shared') throw new NotFoundError('reports.linkOver');
    const path = pathOfSegments(segments);
    const name = showEntryName(path.at(-1)!);
    const file = await opened.directory.openFile(path);
    if (!isHtml(name)) {
      const headers = { ...OPEN_TO_PAGES, 'Content-Security-Policy': FILE_POLICY };
      return sendFile(response, { file, name, contentType: contentTypeOf(name), inline: true, keep: KEEP, headers });
    }
    const guard = `${contentRoot(this.config, request)}${this.assets.path('js/framed.js')}`;
    const policy = this.policy(opened, token, guard, request);
    response.set({ ...OPEN_TO_PAGES, 'Content-Security-Policy': policy, 'Connection-Allowlist': OWN_CONNECTIONS });
    response.removeHeader('X-Frame-Options');
    const page = `${this.config.settings.PUBLIC_URL ?? this.config.basePath}${pageAddress(opened, formatEntryPath(path))}`;
    await sendDocument(response, file, `<script src="${escapeExpression(guard)}" data-page="${escapeExpression(page)}"></script>`);
  }

  /** Asked before parts of a file are, by browsers that take `Range` for something unusual. */
  @Options(':token/*path')
  @Access('anyone')
  mayAsk(@Res() response: Response): void {
    response
      .status(204)
      .set({ ...OPEN_TO_PAGES, 'Access-Control-Allow-Methods': 'GET, HEAD', 'Access-Control-Allow-Headers': 'Range' })
      .end();
  }

  private policy({ kind }: OpenedCapability, token: string, guard: string, request: Request): string {
    const { PUBLIC_URL, REPORT_ORIGIN } = this.config.settings;
    const base = `${contentRoot(this.config, request)}/${CONTENT}/${token}/`;
    const pages = REPORT_ORIGIN !== undefined && PUBLIC_URL !== undefined ? new URL(PUBLIC_URL).origin : "'self'";
    return pagePolicy(kind, { base: policySource(base), guard: policySource(guard), pages });
  }
}

/** Where our page shows it. */
function pageAddress({ runId, folder }: OpenedCapability, below: string): string {
  return address('/runs', [runId, 'report', [formatEntryPath(folder), below].filter(Boolean).join('/')]);
}
