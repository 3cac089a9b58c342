/** Files that are dragged over the panel mark its form; those that are dropped beside it do not replace the page. */
export function listenToDrops(form: HTMLElement, panel: HTMLElement, onDrop: (transfer: DataTransfer) => void): void {
  let depth = 0;
  const mark = (change: number) => {
    depth = Math.max(0, depth + change);
    form.classList.toggle('over', depth > 0);
  };
  panel.addEventListener('dragenter', (event) => hasFiles(event) && mark(1));
  panel.addEventListener('dragleave', (event) => hasFiles(event) && mark(-1));
  panel.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    mark(-depth);
    onDrop(event.dataTransfer!);
  });
  for (const name of ['dragover', 'drop'] as const) {
    window.addEventListener(name, (event) => hasFiles(event) && event.preventDefault());
  }
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
