import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import { PokeListener } from '../common/queue/poke-listener';

/** A pause that can be cut short: by a poke, or by a place that became free. */
@Injectable()
export class WakeUp {
  private readonly logger = new Logger('Runner');
  private listener: PokeListener | null = null;
  private isWoken = false;
  private endPause: () => void = () => undefined;

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
    this.isWoken = true;
    this.endPause();
  }

  /** @returns true when woken (also if that was before the call), false when the time is over. */
  async pause(ms: number): Promise<boolean> {
    if (!this.isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const woken = this.isWoken;
    this.isWoken = false;
    return woken;
  }
}
