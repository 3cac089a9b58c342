import { ConflictError } from '../errors';
import type { Amounts } from './space.repository';

/** @throws ConflictError when a copy has become more than there is room for, because somebody writes to what it is made from. */
export function requireWithin(written: Amounts, reserved: Amounts): void {
  if (written.bytes > reserved.bytes || written.files > reserved.files) throw new ConflictError('tasks.grew');
}
