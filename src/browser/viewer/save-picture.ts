/** Draws what is seen, with its scale bar, into a PNG. @returns null where the browser cannot. */
export function pictureOf(stage: HTMLCanvasElement, found: SVGSVGElement, bar: HTMLElement): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  canvas.width = stage.width;
  canvas.height = stage.height;
  const context = canvas.getContext('2d');
  if (!context) return Promise.resolve(null);
  const scale = stage.width / (stage.clientWidth || stage.width);
  context.fillStyle = BACKGROUND;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(stage, 0, 0);
  context.scale(scale, scale);
  drawFound(context, found);
  drawBar(context, bar, canvas.height / scale);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** The browser asks where, or puts it among the downloads. */
export function saveAs(picture: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(picture);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), RELEASE_MS);
}

const BACKGROUND = '#08080a';
const MARGIN = 12;
const RELEASE_MS = 60_000;

function drawFound(context: CanvasRenderingContext2D, found: SVGSVGElement): void {
  const shape = shapeOf(found);
  context.fillStyle = '#ffffff40';
  context.strokeStyle = '#fff';
  context.lineWidth = 2;
  context.fill(shape);
  context.stroke(shape);
}

function shapeOf(found: SVGSVGElement): Path2D {
  return new Path2D(found.querySelector('path')?.getAttribute('d') ?? '');
}

/** Where it is on the page, at the lower left. */
function drawBar(context: CanvasRenderingContext2D, bar: HTMLElement, height: number): void {
  const width = bar.offsetWidth;
  const bottom = height - MARGIN;
  context.strokeStyle = '#fff';
  context.lineWidth = 2;
  context.shadowColor = '#000';
  context.shadowBlur = 4;
  context.beginPath();
  context.moveTo(MARGIN, bottom - 5);
  context.lineTo(MARGIN, bottom);
  context.lineTo(MARGIN + width, bottom);
  context.lineTo(MARGIN + width, bottom - 5);
  context.stroke();
  context.fillStyle = '#fff';
  context.font = getComputedStyle(bar).font;
  context.textAlign = 'center';
  context.fillText(bar.textContent ?? '', MARGIN + width / 2, bottom - 6);
}
