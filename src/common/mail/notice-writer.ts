import { Injectable } from '@nestjs/common';
import { text } from '../../locales/text';
import { AppConfig } from '../config/app-config';
import { MailTemplates } from './mail-templates';
import type { WrittenMail } from './run-mails';

const COLOURS = { calm: '#56545a', warn: '#8a5a00' } as const;
/** Width of its column. */
const LONGEST_SUBJECT = 255;

/** What a mail says that is about no single run. */
export interface Notice {
  subject: string;
  /** What has happened. */
  cause: string;
  /** What comes of it; '' for nothing. */
  when: string;
  /** '' for none. */
  button: string;
  buttonAddress: string;
  /** Why somebody gets it. */
  reason: string;
  tone: keyof typeof COLOURS;
  facts?: { label: string; value: string; isCode: boolean }[];
}

/** Writes mails that are about an account, a schedule, an address or the place itself, in the language of the moment. */
@Injectable()
export class NoticeWriter {
  constructor(
    private readonly config: AppConfig,
    private readonly templates: MailTemplates,
  ) {}

  /** What every notice may name: the installation, and its address. */
  get site(): { product: string; address: string } {
    return { product: this.config.settings.SITE_NAME || text('common.product'), address: this.config.publicUrl };
  }

  write({ facts = [], ...said }: Notice): WrittenMail {
    const { subject, tone } = said;
    const model = { ...said, facts, heading: subject, colour: COLOURS[tone], site: this.config.settings.SITE_NAME, word: '', mark: '' };
    return {
      subject: subject.slice(0, LONGEST_SUBJECT),
      textBody: this.templates.text('notice', model),
      htmlBody: this.templates.html('notice', model),
    };
  }
}
