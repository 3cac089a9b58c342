/**
 * The address of a form says what it was filled with once it is sent, so that whoever goes back from the run finds the same values. The browser
 * asks for such a page anew, since pages of people who are logged in are not kept.
 */

/** As the link to a form with its values; longer ones are left as they were. */
const MOST_QUERY = 4000;
/** Values, and which run has to succeed first. */
const IS_VALUE = /^(?:(?:p|sweep)\.|after$)/;

export function keepFilledAddress(): void {
  document.getElementById('run-form')?.addEventListener('submit', ({ currentTarget }) => {
    const query = filledQuery(location.search, new FormData(currentTarget as HTMLFormElement));
    if (query.length <= MOST_QUERY) history.replaceState(history.state, '', `${location.pathname}?${query}`);
  });
}

/** @param search what the address said before; of that, fields of the form are replaced by those that it holds now. */
function filledQuery(search: string, fields: Iterable<[string, unknown]>): string {
  const query = new URLSearchParams([...new URLSearchParams(search)].filter(([name]) => !IS_VALUE.test(name)));
  for (const [name, value] of fields) if (IS_VALUE.test(name) && typeof value === 'string') query.append(name, value);
  return query.toString();
}
