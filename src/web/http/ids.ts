const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Run numbers are 32-bit integers; longer ones would make MariaDB complain. */
const RUN_NUMBER = /^[1-9]\d{0,8}$/;

/** Whether a text can name a project, an upload or the like. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** @param text of an address or a form; anything. @returns null when it cannot name a run. */
export function runNumberIn(text: unknown): number | null {
  return typeof text === 'string' && RUN_NUMBER.test(text) ? Number(text) : null;
}
