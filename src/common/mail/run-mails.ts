import { Injectable } from '@nestjs/common';
import { duration } from '../../browser/time-words';
import { sentencesOf, text, type TextKey } from '../../locales/text';
import { AppConfig } from '../config/app-config';
import { formatEntryPath } from '../files/entry-name';
import { OutboxFiles } from '../files/outbox-files';
import { ProjectFiles } from '../files/project-files';
import type { Project } from '../projects/project.entity';
import type { FinalState, RunState } from '../queue/run-state';
import type { Run } from '../queue/run.entity';
import { displayedDate, displayedMoment } from './mail-dates';
import { MailTemplates } from './mail-templates';
import { pickUpCommand, resumablePickUp } from './pick-up';

/** What a mail about a run is written from. */
export interface RunNews {
  run: Run;
  /** Null when the project is gone already. */
  project: Pick<Project, 'name' | 'homeId'> | null;
  /** When it happened, milliseconds since 1970. */
  atMs: number;
  /** The sentence of the event; null when there is nothing to add. */
  note: string | null;
}

export interface WrittenMail {
  subject: string;
  textBody: string;
  htmlBody: string;
}

interface Wording {
  subject: TextKey;
  word: TextKey;
  heading: TextKey;
  mark: string;
  tone: Tone;
}

type Tone = 'ok' | 'warn' | 'bad' | 'calm';

const STARTED: Wording = {
  subject: 'mail.subjectStarted',
  word: 'common.stateRunning',
  heading: 'mail.headingStarted',
  mark: '\u25b6',
  tone: 'calm',
};

const ENDED: Record<FinalState, Wording> = {
  succeeded: {
    subject: 'mail.subjectSucceeded',
    word: 'common.stateSucceeded',
    heading: 'mail.headingSucceeded',
    mark: '\u2713',
    tone: 'ok',
  },
  partial: { subject: 'mail.subjectPartial', word: 'common.statePartial', heading: 'mail.headingPartial', mark: '\u25d0', tone: 'warn' },
  failed: { subject: 'mail.subjectFailed', word: 'common.stateFailed', heading: 'mail.headingFailed', mark: '\u2717', tone: 'bad' },
  timed_out: {
    subject: 'mail.subjectTimedOut',
    word: 'common.stateTimedOut',
    heading: 'mail.headingTimedOut',
    mark: '\u2717',
    tone: 'bad',
  },
  cancelled: {
    subject: 'mail.subjectCancelled',
    word: 'common.stateCancelled',
    heading: 'mail.headingCancelled',
    mark: '\u2013',
    tone: 'calm',
  },
  lost: { subject: 'mail.subjectLost', word: 'common.stateLost', heading: 'mail.headingLost', mark: '?', tone: 'bad' },
};

const TONES: Record<Tone, string> = { ok: '#1a7a48', warn: '#8a5a00', bad: '#b3261e', calm: '#56545a' };
const HAS_RESULT = new Set<RunState>(['succeeded', 'partial']);
const DAY_MS = 86_400_000;

/** The mails about runs, one method each. They go to the person who asked for the run. */
@Injectable()
export class RunMails {
  constructor(
    private readonly config: AppConfig,
    private readonly templates: MailTemplates,
    private readonly projectFiles: ProjectFiles,
    private readonly outboxFiles: OutboxFiles,
  ) {}

  /** The run has begun. */
  started(news: RunNews): WrittenMail {
    return this.write(STARTED, news, { facts: [], when: this.sentence('mail.whenStarted', news), button: text('mail.watch') });
  }

  /** The run has ended, one way or another; `news.run` is in a final state. */
  async ended(news: RunNews): Promise<WrittenMail> {
    const { run } = news;
    const hasBegun = run.startedMs !== null;
    return this.write(ENDED[run.state as FinalState], news, {
      when: hasBegun ? this.sentence('mail.whenEnded', news) : this.sentence('mail.whenNeverStarted', news),
      button: text(HAS_RESULT.has(run.state) ? 'mail.showResult' : 'mail.showRun'),
      facts: hasBegun ? [...(await this.pickUp(news)), ...this.keptUntil(run)] : [],
    });
  }

  private write(wording: Wording, news: RunNews, parts: { when: string; button: string; facts: Fact[] }): WrittenMail {
    const { run, note } = news;
    const { SITE_NAME } = this.config.settings;
    const subject = text('mail.subject', { number: run.id, pipeline: run.pipelineId, outcome: text(wording.subject) });
    const model = {
      ...parts,
      subject,
      site: SITE_NAME,
      buttonAddress: `${this.config.publicUrl}/runs/${run.id}`,
      reason: text(SITE_NAME === '' ? 'mail.reason' : 'mail.reasonAtSite', { site: SITE_NAME, address: this.config.publicUrl }),
      mark: wording.mark,
      colour: TONES[wording.tone],
      tone: wording.tone,
      word: text(wording.word),
      heading: text(wording.heading, { title: run.pipelineTitle }),
      cause: note ?? '',
    };
    return { subject, textBody: this.templates.text('notice', model), htmlBody: this.templates.html('notice', model) };
  }

  private sentence(key: TextKey, { run, project, atMs }: RunNews): string {
    const seconds = run.startedMs === null || run.finishedMs === null ? 0 : (run.finishedMs - run.startedMs) / 1000;
    return text(key, {
      number: run.id,
      project: project?.name ?? text('mail.projectGone'),
      moment: displayedMoment(atMs),
      duration: duration(seconds, sentencesOf('common')),
    });
  }

  /** Nothing where the outbox has no copy: of runs that failed there is none. One that is whole gets its place in a moment. */
  private async pickUp({ run, project }: RunNews): Promise<Fact[]> {
    const { PICKUP_HOST: host } = this.config.settings;
    const state = await this.outboxFiles.stateOf(run);
    if (host === undefined || state === 'none') return [];
    const folder = this.outboxFiles.folderOf(run.id) ?? this.resultsFolder(run, project?.homeId ?? run.ownerId);
    return [
      { label: text('mail.pickUp'), value: pickUpCommand(host, folder), isCode: true },
      { label: text('mail.pickUpLarge'), value: resumablePickUp(host, folder, `run-${run.id}`), isCode: true },
    ];
  }

  private resultsFolder(run: Run, homeId: string): string {
    return [this.config.filesRoot, homeId, run.projectId, formatEntryPath(this.projectFiles.resultsPath(run.id))].join('/');
  }

  private keptUntil(run: Run): Fact[] {
    if (run.keep) return [{ label: text('mail.keptUntil'), value: text('mail.keptForGood'), isCode: false }];
    const deletionMs = Math.max((run.finishedMs ?? 0) + this.config.settings.RETENTION_DAYS * DAY_MS, run.keepUntilMs ?? 0);
    return [{ label: text('mail.keptUntil'), value: text('mail.keptUntilDate', { date: displayedDate(deletionMs) }), isCode: false }];
  }
}

interface Fact {
  label: string;
  value: string;
  /** Set in fixed-width letters, to be copied. */
  isCode: boolean;
}
