import { ConsoleLogger, type LogLevel } from '@nestjs/common';

/** What the framework says while it assembles itself: of interest when that fails, noise in an operator's log. */
const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);
/** The framework logs an error that ends a start before it throws it; the operator reads it once, from the entrypoint. */
const FAILED_STARTS = new Set(['ExceptionHandler', 'TypeOrmModule']);
const WORDS: Partial<Record<LogLevel, string>> = {
  log: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
  debug: 'debug',
  verbose: 'debug',
};

/** One line a message: time, level, part of the process, sentence. JSON lines where a log collector reads them. */
export class ProcessLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && FRAMEWORK.has(context) && !this.isLevelEnabled('debug')) return;
    super.log(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && FAILED_STARTS.has(context) && !this.isLevelEnabled('debug')) return;
    super.error(message, ...rest);
  }

  protected override formatPid(): string {
    return '';
  }

  /** Local time, sortable. */
  protected override getTimestamp(): string {
    return new Date().toLocaleString('sv-SE');
  }

  protected override formatMessage(...parts: Parameters<ConsoleLogger['formatMessage']>): string {
    const [level, message, , , context, , params] = parts;
    const word = this.colorize((WORDS[level] ?? level).padEnd(5), level);
    const more = params === undefined ? '' : ` ${this.stringifyParams(params)}`;
    return `${this.getTimestamp()} ${word} ${context}${this.stringifyMessage(message, level)}${more}\n`;
  }
}
