/** What a form sends to come back to the same list, with further fields. */
export function fieldsOf(form: HTMLFormElement, more: Record<string, string>): URLSearchParams {
  const kept = ['_csrf', 'path', 'sort', 'order', 'filter', 'page'];
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (kept.includes(name) && typeof value === 'string') fields.append(name, value);
  for (const [name, value] of Object.entries(more)) fields.append(name, value);
  return fields;
}
