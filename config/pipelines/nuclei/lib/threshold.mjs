const BINS = 1024;

/** Least and largest value of an image. */
export function rangeOf(pixels) {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of pixels) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}

/** The values below which the given shares of all pixels lie. */
export function percentiles(pixels, shares) {
  const { least, most } = rangeOf(pixels);
  const counts = histogram(pixels, least, most);
  return shares.map((share) => {
    let wanted = share * pixels.length;
    let bin = 0;
    while (bin < BINS - 1 && wanted > counts[bin]) wanted -= counts[bin++];
    return least + ((bin + 0.5) / BINS) * (most - least);
  });
}

/**
 * Otsu's threshold: the value that parts the pixels into two groups which differ most. A few extremely bright pixels (dust) would make
 * the bins too coarse, so the top thousandth counts as its lowest value.
 */
export function otsu(pixels) {
  const { least } = rangeOf(pixels);
  const [most] = percentiles(pixels, [0.999]);
  if (!(most > least)) return most;
  const counts = histogram(pixels, least, most);
  let sum = 0;
  for (let bin = 0; bin < BINS; bin += 1) sum += bin * counts[bin];
  let [below, sumBelow, best, choice] = [0, 0, -1, 0];
  for (let bin = 0; bin < BINS - 1; bin += 1) {
    below += counts[bin];
    sumBelow += bin * counts[bin];
    const above = pixels.length - below;
    if (below === 0 || above === 0) continue;
    const apart = sumBelow / below - (sum - sumBelow) / above;
    const variance = below * above * apart * apart;
    if (variance > best) [best, choice] = [variance, bin];
  }
  return least + ((choice + 1) / BINS) * (most - least);
}

function histogram(pixels, least, most) {
  const counts = new Uint32Array(BINS);
  const scale = most > least ? BINS / (most - least) : 0;
  for (const value of pixels) counts[Math.min(BINS - 1, Math.floor((value - least) * scale))] += 1;
  return counts;
}
