const MOST_AT_ONCE = 4;
/** Below it a file takes longer to be asked for than to be carried. */
const SMALL_BYTES = 1024 * 1024;

export interface Work<Item, Result> {
  /** Whether nothing else may be under way meanwhile. */
  isAlone: (item: Item) => boolean;
  work: (item: Item) => Promise<Result>;
  /** Told each result in the order of the items, as soon as those before it have theirs. */
  show: (result: Result) => void;
}

/**
 * Does several things at a time. Where one fails no further one is begun; those under way come to their end, and are shown.
 * @returns the results, in the order of the items. @throws the first fault, in the same order.
 */
export async function severalAtOnce<Item, Result>(items: readonly Item[], { isAlone, work, show }: Work<Item, Result>): Promise<Result[]> {
  const ended = new Map<number, { result: Result } | { fault: unknown }>();
  const underWay = new Set<Promise<void>>();
  let faults = 0;
  let next = 0;
  const showReady = () => {
    for (let one = ended.get(next); one; one = ended.get(next)) {
      if ('result' in one) show(one.result);
      next += 1;
    }
  };
  const carry = async (index: number, item: Item) => {
    try {
      ended.set(index, { result: await work(item) });
    } catch (fault) {
      faults += 1;
      ended.set(index, { fault });
    }
    showReady();
  };
  for (const [index, item] of items.entries()) {
    const most = isAlone(item) ? 1 : MOST_AT_ONCE;
    while (underWay.size >= most) await Promise.race(underWay);
    if (faults > 0) break;
    const one = carry(index, item).finally(() => underWay.delete(one));
    underWay.add(one);
    if (most === 1) await one;
  }
  await Promise.all(underWay);
  const results: Result[] = [];
  for (const [, one] of [...ended].toSorted(([a], [b]) => a - b)) {
    if ('fault' in one) throw one.fault;
    results.push(one.result);
  }
  return results;
}

/** Which files go alone: large ones, which fill the line by themselves, and those that would get in each other's way. @param nameOf the same for those. */
export function aloneAmong<Item extends { size: number }>(items: readonly Item[], nameOf: (item: Item) => string): (item: Item) => boolean {
  // Disks may take names for the same that differ in case, or in how an accent is written.
  const keyOf = (item: Item) => nameOf(item).normalize('NFC').toLowerCase();
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return (item) => item.size > SMALL_BYTES || (counts.get(keyOf(item)) ?? 0) > 1;
}
