/** Whether the database could not write because its disk is full. */
export function isDiskFull(error: unknown): boolean {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  return code === 'SQLITE_FULL' || errno === 1021 || errno === 1114;
}
