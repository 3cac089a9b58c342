import type { AppConfig } from '../config/app-config';
import type { User } from '../users/user.entity';

/** What an owner may use; null: no limit. */
export interface Allowance {
  bytes: number | null;
  files: number | null;
  projects: number | null;
  /** Largest file that may be uploaded. */
  uploadBytes: number;
}

/** Who an allowance is for: guests, people with an account and administrators each have their own settings. */
export type SpaceOwner = Pick<User, 'id' | 'kind' | 'isAdmin'>;

/** The limits that the settings give to somebody. */
export function allowanceOf({ settings }: Pick<AppConfig, 'settings'>, owner: Omit<SpaceOwner, 'id'>): Allowance {
  const role = owner.kind === 'guest' ? 'GUEST' : owner.isAdmin ? 'ADMIN' : 'USER';
  const upload = settings[`${role}_UPLOAD`];
  return {
    bytes: limit(settings[`${role}_SPACE`]),
    files: limit(settings[`${role}_FILES`]),
    projects: limit(settings[`${role}_PROJECTS`]),
    uploadBytes: upload === 0 ? settings.MAX_UPLOAD : Math.min(upload, settings.MAX_UPLOAD),
  };
}

function limit(value: number): number | null {
  return value === 0 ? null : value;
}
