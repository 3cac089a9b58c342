const MOST_TITLE = 120;
const UNFIT = /[\\/:*?"<>|\p{Cc}]/gu;

/** A name that every computer can store. */
export function storable(name: string): string {
  return name
    .replace(UNFIT, '_')
    .replace(/^[ .]+|[ .]+$/g, '')
    .slice(0, MOST_TITLE)
    .toWellFormed();
}
