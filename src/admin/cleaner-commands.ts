import { Injectable } from '@nestjs/common';
import { formatBytes } from '../browser/amounts';
import { CleaningPreview } from '../common/cleaning/cleaning-preview';
import { parseKeepDate } from '../common/cleaning/keep-date';
import { KeepLonger, type KeepOutcome, type KeepWish } from '../common/cleaning/keep-longer';
import { StartupError } from '../common/errors';
import { EXIT_DATA } from '../common/exit-status';
import { plainTable } from './plain-table';

const SENTENCES: Record<KeepOutcome, (number: number) => string> = {
  kept: (number) => `Run #${number} is kept.`,
  let_go: (number) => `Run #${number} goes by its age again.`,
  too_late: (number) => `It is too late: the cleaner is removing run #${number} already.`,
  not_found: (number) => `There is no run #${number}.`,
  not_over: (number) => `Run #${number} is not over yet: only results of runs that are over can be kept.`,
};

/** What the page of the cleaner tells and does, from the shell. Each command returns the text to print. */
@Injectable()
export class CleanerCommands {
  constructor(
    private readonly cleaner: CleaningPreview,
    private readonly keeping: KeepLonger,
  ) {}

  /** @param days how far ahead; 0: what a cleaning would remove now. */
  async preview(days: number): Promise<string> {
    const { items, bytes, isCut } = await this.cleaner.of(days, Infinity);
    if (items.length === 0) return 'Nothing goes.';
    const rows = items.map(({ dueMs, owner, bytes: size, what, chore }) => [
      dayOf(dueMs),
      formatBytes(size ?? 0),
      owner,
      `${what} (${chore})`,
    ]);
    const sum = `${items.length} ${items.length === 1 ? 'thing' : 'things'}, ${formatBytes(bytes)}.`;
    return [plainTable(['GOES', 'SIZE', 'OWNER', 'WHAT'], rows), isCut ? `${sum} More goes than is listed.` : sum].join('\n');
  }

  /** @param what number of a run, or id of a project. @throws StartupError when there is no such thing, or it is too late. */
  async keep(what: string, wanted: 'forEver' | 'asUsual' | { until: string }): Promise<string> {
    const wish: KeepWish = typeof wanted === 'string' ? wanted : { untilMs: parseKeepDate(wanted.until, Date.now()) };
    const number = /^#?([1-9]\d{0,8})$/.exec(what)?.[1];
    if (number === undefined) return this.keepProject(what, wish);
    const outcome = await this.keeping.keepRun(Number(number), wish);
    if (outcome !== 'kept' && outcome !== 'let_go') throw new StartupError(SENTENCES[outcome](Number(number)), EXIT_DATA);
    return SENTENCES[outcome](Number(number));
  }

  private async keepProject(id: string, wish: KeepWish): Promise<string> {
    const { outcome, tooLate } = await this.keeping.keepProject(id.slice(0, 36), wish);
    if (outcome === 'not_found') throw new StartupError(`There is no project ${id}. Its id stands in the address of its page.`, EXIT_DATA);
    const late = tooLate === 0 ? '' : ` For ${tooLate} of its runs it is too late.`;
    return outcome === 'kept' ? `The project is kept, with all its runs.${late}` : 'The project goes by its age again.';
  }
}

function dayOf(ms: number): string {
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
