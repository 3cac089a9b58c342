/** Exit statuses, as `sysexits.h` has them where it has them. */
export const EXIT = {
  ok: 0,
  /** Anything that is not told apart below. */
  failed: 1,
  /** The run that was waited for ended in another state than succeeded. */
  runFailed: 2,
  /** The run that was waited for was cancelled. */
  runCancelled: 3,
  usage: 64,
  /** What was named is not there, or what was sent is refused. */
  data: 65,
  unavailable: 69,
  /** A file of this machine cannot be read or written. */
  files: 74,
  /** Trying again later may help. */
  later: 75,
  permission: 77,
} as const;

/** Something that the person at the shell can do something about: printed as one line, without a stack. */
export class ClientError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = 'ClientError';
  }
}

/** What the installation answers when it refuses something. */
export interface Problem {
  status: number;
  detail: string;
  code?: string;
  errors?: { field: string; message: string }[];
  /** Seconds after which it may be asked again, where the answer says so. */
  retryAfter?: number;
}

/** A refusal of the installation. */
export class RefusedError extends ClientError {
  constructor(readonly problem: Problem) {
    super(sentenceOf(problem), exitOf(problem.status));
    this.name = 'RefusedError';
  }
}

function sentenceOf({ detail, errors = [] }: Problem): string {
  const [first] = errors;
  if (errors.length === 1 && first?.message === detail) return detail;
  return [detail, ...errors.map(({ field, message }) => `  ${field === '' ? '' : `${field}: `}${message}`)].join('\n');
}

function exitOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.permission;
  if (status === 423 || status === 429) return EXIT.later;
  return status >= 500 ? EXIT.unavailable : EXIT.data;
}

export function misuse(sentence: string): ClientError {
  return new ClientError(`${sentence} "showrunner --help" explains the commands.`, EXIT.usage);
}
