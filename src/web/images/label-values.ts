/**
 * Numbers of objects are whole, few beside the pixels, and stand in patches: neighbours inside an object are equal, which noise never is.
 * @param hinted whether a name says so already.
 */
export function areLabels(values: ArrayLike<number>, hinted: boolean): boolean {
  let pairs = 0;
  let equal = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (!Number.isInteger(value) || value < 0) return false;
    if (value === 0) continue;
    pairs++;
    if (values[index - 1] === value || values[index + 1] === value) equal++;
  }
  if (pairs === 0 || hinted) return pairs > 0;
  if (equal <= pairs * 0.9) return false;
  const found = new Set<number>();
  let highest = 0;
  for (let index = 0; index < values.length; index++) {
    // Within an object there is nothing new.
    if (values[index] === 0 || values[index] === values[index - 1]) continue;
    found.add(values[index]);
    if (values[index] > highest) highest = values[index];
  }
  return found.size >= 2 && found.size * 8 < pairs && highest <= found.size * 4 + 16;
}
