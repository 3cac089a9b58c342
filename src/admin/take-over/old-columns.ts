/** A column of a table, as the database describes it. */
export interface Column {
  name: string;
  /** In lower case, such as `bigint`. */
  type: string;
}

/**
 * What columns are called in installations that are known: the description of the older system names its two tables, and no column but a
 * few. The first that is there counts.
 */
export const MEANINGS = {
  users: {
    id: ['id', 'user_id', 'uid'],
    name: ['username', 'login', 'user_name', 'name', 'user'],
    hash: ['password', 'password_hash', 'passwd', 'pass', 'hash', 'sha256'],
    email: ['email', 'mail', 'e_mail', 'email_address'],
    active: ['active', 'is_active', 'enabled', 'is_enabled'],
    disabled: ['disabled', 'is_disabled', 'locked', 'blocked', 'banned'],
    admin: ['is_admin', 'admin', 'is_superuser', 'superuser', 'is_staff'],
    registered: ['date_joined', 'registered', 'registered_at', 'registration_date', 'created', 'created_at', 'created_on', 'signup_date'],
    shown: ['display_name', 'full_name', 'fullname', 'real_name'],
  },
  queue: {
    id: ['id', 'queue_id', 'job_id'],
    run: ['run_id', 'runid'],
    person: ['user', 'username', 'user_name', 'user_id', 'userid', 'owner', 'owner_id', 'login'],
    project: ['project', 'project_name', 'project_dir', 'directory'],
    status: ['status', 'state'],
    code: ['run_code', 'code', 'args', 'arguments', 'params', 'parameters'],
    pipeline: ['pipeline', 'pipeline_name', 'backend', 'implementation'],
    requested: [
      'queued',
      'queued_at',
      'created',
      'created_at',
      'requested',
      'requested_at',
      'submitted',
      'submitted_at',
      'date',
      'timestamp',
    ],
    started: ['started', 'started_at', 'start_time', 'start'],
    ended: ['ended', 'ended_at', 'finished', 'finished_at', 'completed', 'completed_at', 'end_time', 'end'],
    exit: ['exit_code', 'exit_status', 'return_code'],
    message: ['message', 'error', 'error_message', 'note', 'result'],
  },
} as const;

export type TableName = keyof typeof MEANINGS;
export type Meaning<Table extends TableName> = keyof (typeof MEANINGS)[Table] & string;

const TIMES = new Set(['requested', 'started', 'ended', 'registered']);
const HOLDS_TIME = /^(datetime|timestamp|date|bigint|int|double|decimal|float|varchar|char|text)$/;

/**
 * Which column means what.
 * @param chosen names of columns by `<table>.<meaning>`, which go before what is known.
 * @returns the columns, or a sentence for each that was chosen and is not there.
 */
export function findColumns<Table extends TableName>(
  table: Table,
  columns: readonly Column[],
  chosen: Readonly<Record<string, string>>,
): { found: Partial<Record<Meaning<Table>, Column>>; faults: string[] } {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const found: Partial<Record<Meaning<Table>, Column>> = {};
  const faults = Object.keys(chosen).flatMap((entry) => {
    const [of = '', meaning = ''] = entry.split('.');
    return of === table && !Object.hasOwn(MEANINGS[table], meaning)
      ? [`--column=${entry}=…: of ${table} there can be ${Object.keys(MEANINGS[table]).join(', ')}.`]
      : [];
  });
  for (const [meaning, names] of Object.entries(MEANINGS[table]) as [Meaning<Table>, readonly string[]][]) {
    const wanted = chosen[`${table}.${meaning}`];
    const column = (wanted === undefined ? names : [wanted]).map((name) => byName.get(name.toLowerCase())).find((one) => one !== undefined);
    if (column && !(TIMES.has(meaning) && !HOLDS_TIME.test(column.type))) found[meaning] = column;
    else if (wanted !== undefined)
      faults.push(`--column=${table}.${meaning}=${wanted}: the table has no such column${TIMES.has(meaning) ? ' that holds times' : ''}.`);
  }
  return { found, faults };
}
