import { Injectable, Logger } from '@nestjs/common';
import { formatBytes } from '../../browser/amounts';
import { AppConfig } from '../../common/config/app-config';
import { GuestMovesRepository, type Moved } from '../../common/guests/guest-moves.repository';
import { Space } from '../../common/space/space';
import { isDemo } from '../../common/users/demo';
import type { User } from '../../common/users/user.entity';
import type { TextKey, TextValues } from '../../locales/text';
import { areGuestsByAddress } from '../http/guest-keys';

/** What is said of a move; without a key when there was nothing to move. */
export interface MoveWord {
  isMoved: boolean;
  kind: 'ok' | 'warn';
  key?: TextKey;
  values: TextValues;
}

/** Takes the work of a guest along into the account that the guest logs in to. */
@Injectable()
export class GuestsWhoLogIn {
  private readonly logger = new Logger(GuestsWhoLogIn.name);

  constructor(
    private readonly moves: GuestMovesRepository,
    private readonly space: Space,
    private readonly config: AppConfig,
  ) {}

  /** Never fails: whoever has an account gets in, and the guest's space stays where it is if it cannot move now. */
  async takeAlong(guest: User, account: User): Promise<MoveWord> {
    // What lies in a space that others share is not one person's to take, and from a demo nobody could take it back.
    if (areGuestsByAddress(this.config) || isDemo(this.config, account)) return { isMoved: false, kind: 'ok', values: {} };
    try {
      const moved = await this.moves.move(guest.id, account.id);
      if (!moved) return { isMoved: false, kind: 'ok', values: {} };
      this.logger.log(`The guest ${guest.id} moved into the account ${account.id}: ${moved.projects} projects, ${moved.runs} runs`);
      return await this.wordOf(moved, account);
    } catch (error) {
      this.logger.error(`The guest ${guest.id} could not move into the account ${account.id}`, (error as Error).stack);
      return { isMoved: false, kind: 'warn', key: 'guests.stays', values: {} };
    }
  }

  /** Quotas never keep anybody's work back: they are said, and hold for what comes next. */
  private async wordOf(moved: Moved, account: User): Promise<MoveWord> {
    if (moved.projects === 0 && moved.runs === 0) return { isMoved: true, kind: 'ok', values: {} };
    const { used, reserved, projects, allowance } = await this.space.useOf(account);
    const [bytes, files] = [used.bytes + reserved.bytes, used.files + reserved.files];
    const counts = { projects: moved.projects, runs: moved.runs };
    if (allowance.bytes !== null && bytes > allowance.bytes) {
      const values = { ...counts, taken: formatBytes(bytes), most: formatBytes(allowance.bytes) };
      return { isMoved: true, kind: 'warn', key: 'guests.movedFull', values };
    }
    if (allowance.files !== null && files > allowance.files)
      return { isMoved: true, kind: 'warn', key: 'guests.movedFiles', values: { ...counts, count: files, most: allowance.files } };
    if (allowance.projects !== null && projects > allowance.projects)
      return { isMoved: true, kind: 'warn', key: 'guests.movedProjects', values: { ...counts, most: allowance.projects } };
    return { isMoved: true, kind: 'ok', key: 'guests.moved', values: counts };
  }
}
