import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import { PokeListener } from '../common/queue/poke-listener';

/** Why a pause ended: somebody says that something has changed, a place has become free, or nothing happened. */
export type WakeReason = 'poked' | 'freed' | 'time';

/** A pause that can be cut short: by a poke, or by a place that became free. */
@Injectable()
export class WakeUp {
  private readonly logger = new Logger('Runner');
  private listener: PokeListener | null = null;
  private reason: WakeReason = 'time';
  private endPause: () => void = () => undefined;
  private beginAnew: () => void = () => undefined;

  constructor(private readonly config: AppConfig) {}

  /** Opens an ear for pokes. @returns its address, or null where the system has none for us: then there is the look once a second. */
  async listen(): Promise<string | null> {
    const host = this.config.settings.RUNNER_POKE_HOST;
    try {
      this.listener = await PokeListener.open(host, () => this.wake());
      return this.listener.address;
    } catch (error) {
      this.logger.warn(`Cannot listen at RUNNER_POKE_HOST ${host} (${String(error)}); runs start up to a second later.`);
      return null;
    }
  }

  /** Ends the listening and any pause, present and future. */
  close(): void {
    this.listener?.close();
    this.listener = null;
    this.wake();
  }

  wake(): void {
    this.reason = 'poked';
    this.endPause();
  }

  /** A run of ours has ended. */
  placeFreed(): void {
    if (this.reason === 'time') this.reason = 'freed';
    this.endPause();
  }

  /** What a look would tell is known at this moment, so the pause begins anew. */
  putOff(): void {
    this.beginAnew();
  }

  /** @returns what ended it, also if that was before the call. */
  async pause(ms: number): Promise<WakeReason> {
    if (this.reason === 'time') await this.untilWoken(ms);
    const { reason } = this;
    this.reason = 'time';
    return reason;
  }

  private untilWoken(ms: number): Promise<void> {
    return new Promise<void>((resolve) => {
      let timer = setTimeout(resolve, ms);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
      this.beginAnew = () => {
        clearTimeout(timer);
        timer = setTimeout(resolve, ms);
      };
    }).finally(() => {
      this.endPause = () => undefined;
      this.beginAnew = () => undefined;
    });
  }
}
