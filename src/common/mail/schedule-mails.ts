import { Injectable } from '@nestjs/common';
import { inDefaultLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import { AppConfig } from '../config/app-config';
import { MailTemplates } from './mail-templates';
import type { WrittenMail } from './run-mails';

const WARN = '#8a5a00';

/** A schedule that could not start. */
export interface StuckSchedule {
  id: string;
  projectId: string;
  name: string;
  pipelineTitle: string;
  projectName: string;
  /** When it should have started, in words. */
  moment: string;
  /** Why it did not, as a sentence. */
  why: string;
}

/** The mail about a schedule that cannot start, in the language of the installation, since nobody has asked for it. */
@Injectable()
export class ScheduleMails {
  constructor(
    private readonly config: AppConfig,
    private readonly templates: MailTemplates,
  ) {}

  stuck(describe: () => StuckSchedule): WrittenMail {
    return inDefaultLanguage(() => {
      const { id, projectId, name, pipelineTitle, projectName, moment, why } = describe();
      const { SITE_NAME } = this.config.settings;
      const values = { name, pipeline: pipelineTitle, project: projectName || text('mail.projectGone'), moment };
      const subject = text('schedules.mailSubject', values);
      const model = {
        subject,
        heading: subject,
        cause: why,
        when: text('schedules.mailWhen', values),
        button: text('schedules.mailButton'),
        buttonAddress: `${this.config.publicUrl}/projects/${projectId}/schedules/${id}`,
        reason: text('schedules.mailReason', { product: SITE_NAME || text('common.product'), address: this.config.publicUrl }),
        facts: [],
        site: SITE_NAME,
        colour: WARN,
        tone: 'warn',
        word: '',
        mark: '',
      };
      return {
        subject: subject.slice(0, 255),
        textBody: this.templates.text('notice', model),
        htmlBody: this.templates.html('notice', model),
      };
    });
  }
}
