/** Loaded by the page of one file: a document opens in place where the browser has a viewer, and arrows lead to the files around. */

const frame = document.querySelector<HTMLElement>('[data-document]');
if (frame && navigator.pdfViewerEnabled) {
  const viewer = document.createElement('iframe');
  viewer.src = frame.dataset['document'] ?? '';
  viewer.title = frame.dataset['title'] ?? '';
  frame.replaceChildren(viewer);
}

document.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  const target = event.target as Element;
  if (target.closest('input, textarea, select, details, [role="region"]')) return;
  const rel = event.key === 'ArrowLeft' ? 'prev' : event.key === 'ArrowRight' ? 'next' : null;
  if (rel) document.querySelector<HTMLElement>(`main a[rel="${rel}"]`)?.click();
  else if (event.key === 'Backspace') document.querySelector<HTMLElement>('[data-back]')?.click();
  else return;
  event.preventDefault();
});
