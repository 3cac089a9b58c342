import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';

/**
 * The wall clock of all processes that are started with `environment`, which can be stepped while they run (libfaketime). The clock that
 * only counts on stays as it is, as on a real machine; programs of runs keep the real one.
 */
export class FakeClock {
  readonly environment: Record<string, string>;
  private readonly file: string;

  private constructor(library: string, folder: string) {
    this.file = join(folder, 'clock');
    this.environment = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    this.stepTo(0);
  }

  /** Null where libfaketime is not installed. */
  static open(folder: string): FakeClock | null {
    for (const name of readdirSync(LIBRARIES)) {
      const library = join(LIBRARIES, name, 'faketime', 'libfaketime.so.1');
      if (existsSync(library)) return new FakeClock(library, folder);
    }
    return null;
  }

  /** @param seconds away from the true time. They see it within a second. */
  stepTo(seconds: number): void {
    writeFileSync(this.file, `${seconds < 0 ? '' : '+'}${Math.round(seconds)}\n`);
  }
}
