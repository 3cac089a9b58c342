/** Text without line ends and runs of blanks; what is longer ends in an ellipsis. */
export function oneLine(text: string, most: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 2)} …` : line;
}
