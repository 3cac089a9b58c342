import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { logFields } from './log-fields';

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

/** What would end a line, move the cursor or turn the direction of writing: a name of a file may hold it. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

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
    const said = typeof message === 'string' ? plain(message) : message;
    const { request } = logFields();
    const mark = request === undefined || (typeof said === 'string' && said.includes(request)) ? '' : ` ${request}`;
    return `${this.getTimestamp()} ${word} ${context}${this.stringifyMessage(said, level)}${more}${mark}\n`;
  }

  /** With the numbers of the request and of the run that it is about. */
  protected override getJsonLogObject(...parts: Parameters<ConsoleLogger['getJsonLogObject']>) {
    return { ...super.getJsonLogObject(...parts), ...logFields() };
  }

  protected override stringifyJsonLogObject(...parts: Parameters<ConsoleLogger['stringifyJsonLogObject']>): string {
    return super.stringifyJsonLogObject(...parts).replaceAll(UNSEEN, escaped);
  }

  protected override printStackTrace(stack: string): void {
    super.printStackTrace(stack && plain(stack));
  }
}

/** Only the first line of a message begins at the margin, so that none can pass for another. */
function plain(message: string): string {
  return message.replaceAll(UNSEEN, escaped).replaceAll('\n', '\n  ');
}

/** As JSON and JavaScript write it. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
