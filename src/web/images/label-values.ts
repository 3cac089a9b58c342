/**
 * Numbers of objects are whole, few beside the pixels, and stand in patches: neighbours inside an object are equal, which noise never is.
 * @param hinted whether a name says so already.
 */
export function areLabels(values: ArrayLike<number>, hinted: boolean): boolean {
  const found = new Set<number>();
  let pairs = 0;
  let equal = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (!Number.isInteger(value) || value < 0) return false;
    if (value === 0) continue;
    found.add(value);
    pairs++;
    if (values[index - 1] === value || values[index + 1] === value) equal++;
  }
  if (pairs === 0 || found.size < 2) return hinted && pairs > 0;
  if (hinted) return true;
  const highest = [...found].reduce((most, value) => Math.max(most, value), 0);
  return equal > pairs * 0.9 && found.size * 8 < pairs && highest <= found.size * 4 + 16;
}
