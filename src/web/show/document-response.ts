import type { Response } from 'express';
import type { OpenFile } from '../../common/files/safe-directory';
import { sendFile } from './file-response';
import { isPdf } from './file-type';

const PDF_HEAD = Buffer.from('%PDF-');

/**
 * Sends a PDF for a frame of one of our pages. Only what is one by its name and its head: the browser's viewer runs nothing of it as a page
 * of ours.
 * @returns false for anything else; then the file is closed, and nothing was sent.
 */
export async function sendDocumentInFrame(response: Response, file: OpenFile, name: string): Promise<boolean> {
  const head = Buffer.alloc(PDF_HEAD.length);
  await file.handle.read(head, 0, head.length, 0);
  if (!isPdf(name) || !head.equals(PDF_HEAD)) {
    await file.handle.close();
    return false;
  }
  await sendFile(response, { file, name, contentType: 'application/pdf', inline: true, framed: true });
  return true;
}
