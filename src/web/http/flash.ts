import type { Request } from 'express';
import { text, type TextKey, type TextValues } from '../../locales/text';

/** A sentence that the next page shows once: what a form has done. */
export interface FlashMessage {
  kind: 'ok' | 'warn';
  text: string;
  /** A form beside it that takes back what was done. */
  undo?: UndoForm;
}

/** What a form sends that undoes something. */
export interface UndoForm {
  /** Below the base path. */
  path: string;
  fields: [name: string, value: string][];
  /** Of its button; "Undo" without one. */
  label?: string;
  /** It changes the list of files, which scripts renew in place. */
  isOfFiles?: true;
}

/** Leaves a sentence for the page to which the answer redirects. Only people with a session have a next page that can show it. */
export function flash(request: Request, kind: FlashMessage['kind'], key: TextKey, values: TextValues = {}, undo?: UndoForm): void {
  if (request.user) request.session.flash = { kind, text: text(key, values), ...(undo ? { undo } : {}) };
}

/** Takes the sentence out of the session. A page that only keeps itself live leaves it for the page to which the form leads. */
export function takeFlash(request: Request): FlashMessage | undefined {
  if (request.headers['x-live'] !== undefined) return undefined;
  const message = request.session?.flash;
  if (message) delete request.session.flash;
  return message;
}
