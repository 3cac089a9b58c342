import { randomBytes } from 'node:crypto';
import type { Execution } from '../executor';

type AttemptKey = Pick<Execution, 'runId' | 'attempt'>;

const INSTALL = 'showrunner.install';
const RUN = 'showrunner.run';
const ATTEMPT = 'showrunner.attempt';
const NONCE = 'showrunner.nonce';

/** How the containers of one installation are called and recognised: a name can be taken by anybody, labels say whose it is. */
export class ContainerNames {
  /** @param installation its UUID. */
  constructor(private readonly installation: string) {}

  nameOf({ runId, attempt }: AttemptKey): string {
    return `showrunner-${this.installation.slice(0, 8)}-${runId}-${attempt}`;
  }

  /** Different at every call, so that one's own container is told from any other of that name. */
  labelsFor({ runId, attempt }: AttemptKey): Record<string, string> {
    return { [INSTALL]: this.installation, [RUN]: String(runId), [ATTEMPT]: String(attempt), [NONCE]: randomBytes(12).toString('hex') };
  }

  isOf({ runId, attempt }: AttemptKey, labels: Record<string, string> | null): boolean {
    return labels?.[INSTALL] === this.installation && labels[RUN] === String(runId) && labels[ATTEMPT] === String(attempt);
  }

  /** For the list of all containers of this installation. */
  get filter(): string {
    return JSON.stringify({ label: [`${INSTALL}=${this.installation}`] });
  }

  attemptOf(labels: Record<string, string>): AttemptKey {
    return { runId: Number(labels[RUN]), attempt: Number(labels[ATTEMPT]) };
  }
}

export function sameNonce(one: Record<string, string>, other: Record<string, string> | null): boolean {
  return other?.[NONCE] === one[NONCE];
}
