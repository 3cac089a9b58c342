import { DataSource } from 'typeorm';
import { Mail, type AccountMailKind } from '../src/common/mail/mail.entity';
import { AfterAnswer } from '../src/web/http/after-answer';
import type { TestBrowser, TestAnswer, TestWebApp } from './web-app';

/** A mail server that nobody asks: mails stay in the outbox, where tests read them. */
export const UNREACHED_MAIL = { SMTP_URL: 'smtp://127.0.0.1:1', PUBLIC_URL: 'http://localhost' };

/** The path of the link in a mail. */
export function linkIn(text: string): string {
  return /https?:\/\/[^/\s]+(\/link\/[A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? 'no link';
}

/** Mails of a kind to somebody that wait in the outbox, the latest first. */
export async function mailsTo(web: TestWebApp, recipient: string, kind: AccountMailKind): Promise<Mail[]> {
  await web.app.get(AfterAnswer, { strict: false }).settled();
  return web.app
    .get(DataSource)
    .getRepository(Mail)
    .find({ where: { recipient, kind }, order: { id: 'DESC' } });
}

/** The path of the latest link of a kind that went to somebody. */
export async function linkTo(web: TestWebApp, recipient: string, kind: AccountMailKind): Promise<string> {
  return linkIn((await mailsTo(web, recipient, kind))[0]?.textBody ?? '');
}

/** Presses the button on the page of a link. */
export function follow(browser: TestBrowser, link: string, fields: Record<string, string> = {}): Promise<TestAnswer> {
  return browser.postForm('/link', { token: link.slice('/link/'.length), ...fields });
}
