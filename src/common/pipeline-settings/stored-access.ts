/** Who may run a pipeline, as an administrator said: groups and people by their ids, so that new names change nothing. */
export type StoredAccess = 'everyone' | 'accounts' | 'administrators' | { groups: string[]; people: string[] };
