import { Injectable } from '@nestjs/common';
import { inDefaultLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import { AppConfig } from '../config/app-config';
import { NoticeWriter } from './notice-writer';
import type { WrittenMail } from './run-mails';

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
    private readonly notices: NoticeWriter,
  ) {}

  stuck(describe: () => StuckSchedule): WrittenMail {
    return inDefaultLanguage(() => {
      const { id, projectId, name, pipelineTitle, projectName, moment, why } = describe();
      const values = { name, pipeline: pipelineTitle, project: projectName || text('mail.projectGone'), moment };
      return this.notices.write({
        subject: text('schedules.mailSubject', values),
        cause: why,
        when: text('schedules.mailWhen', values),
        button: text('schedules.mailButton'),
        buttonAddress: `${this.config.publicUrl}/projects/${projectId}/schedules/${id}`,
        reason: text('schedules.mailReason', this.notices.site),
        tone: 'warn',
      });
    });
  }
}
