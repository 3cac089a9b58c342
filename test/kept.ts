/** How many entries all Maps, Sets and arrays hold that can be reached from an object by its properties. */
export function countKept(root: object): number {
  const seen = new Set<object>();
  const open: unknown[] = [root];
  let count = 0;
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) continue;
    seen.add(value);
    const entries =
      value instanceof Map ? [...value].flat() : value instanceof Set || Array.isArray(value) ? [...(value as Set<unknown>)] : [];
    count += entries.length;
    open.push(...entries, ...Object.values(value));
  }
  return count;
}
