import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ForbiddenError } from '../../../common/errors';
import { text } from '../../../locales/text';
import { ControlFiles, type HandoffPlan } from './control-files';
import { own, SharedFolder, top } from './shared-folder';

/** Who has a hand-off folder. */
interface Claim {
  runId: number;
  token: string;
  /** Folder of the control files of the attempt, which say whether it is over. */
  control: string;
}

interface NumberedClaim extends Claim {
  number: number;
}

const MOST_LOOKS = 5;

/**
 * One run at a time in a hand-off folder, which several pipelines may share: `.showrunner/claim-1`, `claim-2` and so on. The highest
 * number has the folder. The next number is made, by a step that only one can win, when what the highest stands for is over, and that
 * is a fact that no later one undoes: so no lock is ever broken, and none is left behind by a runner that died.
 */
export class FolderClaims {
  constructor(private readonly shared: SharedFolder) {}

  /** @returns whether the folder belongs to this attempt now; asking again is harmless. */
  async take({ runId, token, runtime }: HandoffPlan, control: string): Promise<boolean> {
    const last = await this.last();
    if (last?.token === token) return true;
    if (last && !(await this.isOver(last, runtime.lastRunIdFile, runtime.workFolder))) return false;
    const number = (last?.number ?? 0) + 1;
    const claim: Claim = { runId, token, control };
    if (!(await this.shared.create(own(`claim-${number}`), JSON.stringify(claim)))) return false;
    const numbers = await this.numbers();
    // Whoever slept between look and step made a number that had been used and tidied away.
    if (Math.max(...numbers) !== number) {
      await this.shared.remove(own(`claim-${number}`));
      return false;
    }
    for (const old of numbers) if (old < number) await this.removeTraces(old);
    return true;
  }

  /** Says that an attempt needs the folder no more. */
  async release({ token }: HandoffPlan): Promise<void> {
    const last = await this.last();
    if (last?.token === token) await this.shared.write(own(`over-${last.number}`), '');
  }

  /** Keeps the folder from others after its run was given up, until the program answers after all or a person says that it is gone. */
  async quarantine({ runId, token, runtime }: HandoffPlan): Promise<void> {
    const last = await this.last();
    if (last?.token !== token) return;
    const sentence = text('runner.handoffBusyFile', { run: runId, file: runtime.lastRunIdFile, token });
    await this.shared.write(own(busyName(last.number)), `${sentence}\n`);
  }

  async isQuarantined({ token }: HandoffPlan): Promise<boolean> {
    const last = await this.last();
    return last?.token === token && (await this.shared.exists(own(busyName(last.number))));
  }

  /** Why a run waits in line for the folder. */
  async waitingNote(): Promise<string> {
    const last = await this.last();
    if (!last) return text('runner.handoffWaits');
    const file = `.showrunner/${busyName(last.number)}`;
    if (!(await this.shared.exists(own(busyName(last.number))))) return text('runner.handoffInLine', { run: last.runId });
    return text('runner.handoffBusy', { run: last.runId, file: `${this.shared.path}/${file}` });
  }

  private async isOver(claim: NumberedClaim, lastRunIdFile: string, workFolder: string | null): Promise<boolean> {
    if (await this.shared.exists(own(`over-${claim.number}`))) return true;
    if (await this.shared.exists(own(busyName(claim.number)))) {
      const answers = workFolder === null ? this.shared : new SharedFolder(workFolder);
      const answered = (await answers.read(top(lastRunIdFile))) === claim.token || (await this.shared.exists(own(`${claim.token}.exit`)));
      return answered;
    }
    const files = new ControlFiles(claim.control);
    if (!(await isThere(claim.control))) {
      // The folder of a run goes when the run has long ended; a disk that is away takes the folder of all runs with it.
      return isThere(dirname(dirname(claim.control)));
    }
    if ((await files.readMarker()) === 'sealed' || (await files.readLaid())?.kind === 'never') return true;
    const end = await files.readEnd();
    return end !== null;
  }

  private async last(): Promise<NumberedClaim | null> {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const number = Math.max(0, ...(await this.numbers()));
      if (number === 0) return null;
      const content = await this.readClaim(number);
      if (content !== null) return { ...(JSON.parse(content) as Claim), number };
      // Tidied away between the two looks.
    }
    throw new Error(`the files claim-… in ${this.shared.path}/.showrunner cannot be read`);
  }

  private async readClaim(number: number): Promise<string | null> {
    try {
      return await this.shared.read(own(`claim-${number}`));
    } catch (error) {
      if (!(error instanceof ForbiddenError)) throw error;
      // Its maker died between giving it its name and taking the other one away.
      await this.shared.removeDrafts();
      return this.shared.read(own(`claim-${number}`));
    }
  }

  private async numbers(): Promise<number[]> {
    return (await this.shared.ownNames()).flatMap((name) => {
      const digits = /^claim-(\d+)$/.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    });
  }

  private async removeTraces(number: number): Promise<void> {
    const content = await this.readClaim(number);
    if (content !== null) await removeFilesOf(this.shared, (JSON.parse(content) as Claim).token);
    for (const name of [busyName(number), `over-${number}`, `claim-${number}`]) await this.shared.remove(own(name));
  }
}

/** Removes everything in the subfolder that belongs to one attempt. */
export async function removeFilesOf(shared: SharedFolder, token: string): Promise<void> {
  for (const name of await shared.ownNames()) if (name.startsWith(`${token}.`)) await shared.remove(own(name));
}

function busyName(number: number): string {
  return `busy-${number}.txt`;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
