import { Controller, Get, Options, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import { NotFoundError } from '../../common/errors';
import { showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { OpenFile } from '../../common/files/safe-directory';
import type { ForeignViewer } from '../../common/pipelines/manifest';
import { Access } from '../http/access/access.decorator';
import { readFully } from '../http/byte-stream';
import { pathOfSegments } from '../http/entry-path';
import { sendFile } from '../show/file-response';
import { Capabilities, type OpenedCapability } from './capabilities';
import { publicRoot, SHARED } from './content-address';
import { contentTypeOf, isHtml } from './content-type';
import { RunFiles } from './run-files';
import { addressTable, ELLVIEWER_COLUMN, type AddressColumn } from './viewer-table';

const OPEN_TO_ALL = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Length, Content-Range, ETag',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Referrer-Policy': 'no-referrer',
};
const TABLE_BYTES = 2_000_000;

/** Results that a viewer of somebody else reads by a link: the file for which it was made, and those in its folder and below. */
@Controller(SHARED)
export class SharedFilesController {
  constructor(
    private readonly config: AppConfig,
    private readonly capabilities: Capabilities,
    private readonly files: RunFiles,
  ) {}

  @Get(':token/*path')
  @Access('anyone')
  async file(
    @Param('token') token: string,
    @Param('path') segments: string[],
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const opened = await this.capabilities.open(token);
    if (opened.kind !== 'shared') throw new NotFoundError('reports.linkOver');
    const path = pathOfSegments(segments);
    const name = showEntryName(path.at(-1)!);
    const column = await this.columnOf(opened, path, name);
    const file = await opened.directory.openFile(path);
    if (column && file.size <= TABLE_BYTES) {
      const root = `${publicRoot(this.config, request)}/${SHARED}/${token}`;
      return void response
        .set({ ...OPEN_TO_ALL, 'Content-Type': contentTypeOf(name) })
        .send(await addressTable(await readText(file), column, opened.directory, root));
    }
    // Fetched and drawn it is what it is; opened by itself it is only ever saved.
    const contentType = isHtml(name) ? null : contentTypeOf(name);
    await sendFile(response, { file, name, contentType, inline: false, headers: OPEN_TO_ALL });
  }

  @Options(':token/*path')
  @Access('anyone')
  mayAsk(@Res() response: Response): void {
    response
      .status(204)
      .set({ ...OPEN_TO_ALL, 'Access-Control-Allow-Methods': 'GET, HEAD', 'Access-Control-Allow-Headers': 'Range' })
      .end();
  }

  /** Null for what is no table of addresses. */
  private async columnOf({ runId, folder }: OpenedCapability, path: EntryPath, name: string): Promise<AddressColumn | null> {
    if (!/\.csv$/i.test(name)) return null;
    const rule = await this.files.ruleOf(runId, [...folder, ...path].map(showEntryName).join('/'));
    return addressColumn(rule?.open);
  }
}

function addressColumn(viewer: ForeignViewer | undefined): AddressColumn | null {
  if (viewer === undefined || viewer === 'ellviewer') return viewer ? ELLVIEWER_COLUMN : null;
  return viewer.addresses === undefined ? null : { name: viewer.addresses, isHtml: false };
}

async function readText({ handle, size }: OpenFile): Promise<string> {
  try {
    const bytes = Buffer.alloc(size);
    await readFully(handle, bytes, 0);
    return bytes.toString('utf8');
  } finally {
    await handle.close();
  }
}
