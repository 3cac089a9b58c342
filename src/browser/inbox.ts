/** Loaded by the page of the inbox, whose form works without it: a box that ticks all of them. */

const form = document.querySelector<HTMLFormElement>('[data-choose-entries]');
const all = form?.querySelector<HTMLInputElement>('[data-choose-all]');
const boxes = [...(form?.querySelectorAll<HTMLInputElement>('input[type="checkbox"][name="name"]') ?? [])];

function show(): void {
  const count = boxes.filter((box) => box.checked).length;
  if (!all) return;
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
  for (const box of boxes) box.closest('tr')?.classList.toggle('picked', box.checked);
}

form?.addEventListener('change', (event) => {
  if (event.target === all) for (const box of boxes) box.checked = all?.checked ?? false;
  show();
});
// Browsers keep ticks over a reload.
window.addEventListener('pageshow', show);
show();
