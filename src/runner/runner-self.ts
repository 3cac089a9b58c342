import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import type { RunnerIdentity } from '../common/queue/queue-store';
import { readBootId } from './executors/process-table';

/** Who this process is to the queue and to other runners. */
@Injectable()
export class RunnerSelf implements RunnerIdentity {
  readonly name: string;
  readonly incarnation = randomUUID();
  readonly host = hostname();
  readonly bootId = readBootId();
  readonly slots: number;
  /** Silence after which this process takes over what another one had. */
  readonly staleSeconds: number;
  pokeAddress: string | null = null;

  constructor({ settings }: AppConfig) {
    this.name = settings.RUNNER_NAME;
    this.slots = settings.RUNNER_SLOTS;
    this.staleSeconds = settings.RUNNER_STALE;
  }
}
