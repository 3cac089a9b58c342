/** How many runs of one person may be held at once; null: any number. */
export interface Limits {
  perOwner: number | null;
  /** Of those for whom it is another number. */
  ofOwners?: ReadonlyMap<string, number | null>;
  /** Of every other guest; unset: as of everybody. */
  ofGuests?: number;
  /** Who is a guest among those whose runs wait. A claim finds that out by itself. */
  guests?: Pick<ReadonlySet<string>, 'has'>;
}

export const NO_LIMITS: Limits = { perOwner: null };

/** How many runs of somebody may be held at once; null: any number. */
export function limitOf(limits: Limits, ownerId: string): number | null {
  const own = limits.ofOwners?.get(ownerId);
  if (own !== undefined) return own;
  return limits.ofGuests !== undefined && isLimitOfGuests(limits, ownerId) ? limits.ofGuests : limits.perOwner;
}

/** Whether the limit of somebody is the one that guests have. */
export function isLimitOfGuests({ ofOwners, ofGuests, guests }: Limits, ownerId: string): boolean {
  return ofGuests !== undefined && !ofOwners?.has(ownerId) && guests?.has(ownerId) === true;
}
