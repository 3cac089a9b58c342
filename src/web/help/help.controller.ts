import { Controller, Get, Render } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import type { InboxPlace } from '../../common/files/inbox-files';
import { Inboxes } from '../../common/inbox/inboxes';
import { RUN_STATES, type RunState } from '../../common/queue/run-state';
import { Space } from '../../common/space/space';
import type { User } from '../../common/users/user.entity';
import { text, type TextKey } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Visitor } from '../http/access/current';

/** What each state means to the person who waits for the run. */
const MEANINGS: Record<RunState, TextKey> = {
  scheduled: 'home.meansScheduled',
  queued: 'home.meansQueued',
  starting: 'home.meansStarting',
  running: 'home.meansRunning',
  stopping: 'home.meansStopping',
  unknown: 'home.meansUnknown',
  succeeded: 'home.meansSucceeded',
  partial: 'home.meansPartial',
  failed: 'home.meansFailed',
  timed_out: 'home.meansTimedOut',
  cancelled: 'home.meansCancelled',
  lost: 'home.meansLost',
};

interface HelpView {
  title: string;
  states: { state: RunState; meaning: string }[];
  retentionDays: number;
  trashDays: number;
  guestDays: number;
  timeLimitSeconds: number;
  graceSeconds: number;
  /** Null to strangers. */
  maxUploadBytes: number | null;
  /** Space of the reader; null: no limit, or a stranger. */
  mostBytes: number | null;
  /** None to strangers, who are not told where things lie. */
  places: InboxPlace[];
  /** Whether the reader has a folder of their own in the inbox. */
  hasOwn: boolean;
  pickupHost: string | null;
  mails: boolean;
}

/** The page that explains this place to the people who use it, with the figures of this installation. */
@Controller('help')
export class HelpController {
  constructor(
    private readonly config: AppConfig,
    private readonly inboxes: Inboxes,
    private readonly space: Space,
  ) {}

  @Get()
  @Access('newcomer')
  @Render('help/index')
  async index(@Visitor() person: User | null): Promise<HelpView> {
    const { RETENTION_DAYS, TRASH_DAYS, GUEST_DAYS, TIME_LIMIT, STOP_GRACE, PICKUP_HOST } = this.config.settings;
    const places = person ? await this.inboxes.placesOf(person) : [];
    const allowance = person && (await this.space.allowanceOf(person));
    return {
      title: text('common.help'),
      states: RUN_STATES.map((state) => ({ state, meaning: text(MEANINGS[state]) })),
      retentionDays: RETENTION_DAYS,
      trashDays: TRASH_DAYS,
      guestDays: GUEST_DAYS,
      timeLimitSeconds: TIME_LIMIT,
      graceSeconds: STOP_GRACE,
      maxUploadBytes: allowance?.uploadBytes ?? null,
      mostBytes: allowance?.bytes ?? null,
      places,
      hasOwn: places.some(({ source }) => source === 'own'),
      pickupHost: (person && PICKUP_HOST) ?? null,
      mails: !person || person.email !== null,
    };
  }
}
