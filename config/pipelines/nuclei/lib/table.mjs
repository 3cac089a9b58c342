/** The table of nuclei as CSV: one row each, a head, a point in decimals. @param {number | null} pixelSize µm */
export function cellsCsv(cells, pixelSize) {
  const head = ['cell_id', 'x', 'y', 'area', 'diameter', 'elongation', 'mean_intensity', 'max_intensity', 'total_intensity'];
  if (pixelSize !== null) head.push('area_um2');
  const rows = cells.map((cell, index) => {
    const row = [
      index + 1,
      cell.x.toFixed(2),
      cell.y.toFixed(2),
      cell.area,
      cell.diameter.toFixed(2),
      cell.elongation.toFixed(3),
      plain(cell.meanIntensity),
      plain(cell.maxIntensity),
      plain(cell.totalIntensity),
    ];
    if (pixelSize !== null) row.push(plain(cell.area * pixelSize * pixelSize));
    return row.join(',');
  });
  return `${[head.join(','), ...rows].join('\n')}\n`;
}

/** Six digits are more than an image holds. */
function plain(value) {
  return String(Number(value.toPrecision(6)));
}
