import type { ViewerData } from '../data.js';
import type { ViewState } from '../layer-state.js';
import { ImagePainter, LabelPainter, ShapePainter, type Scene } from '../painters.js';
import { drawScale } from '../scale-bar.js';
import { ShapeLines } from '../shape-lines.js';
import { Stage, type Share } from '../stage.js';
import { TileValues } from '../tile-values.js';

/** Bytes of tiles that all panes together keep. */
const MOST_BYTES = 400_000_000;

/** One image of several that are looked at together. */
export class Pane {
  readonly scene: Scene;
  readonly stage: Stage;

  /** @param onMove hears where the image has been moved to, by whomever. @param panes how many there are. */
  constructor(
    readonly element: HTMLElement,
    readonly data: ViewerData,
    state: ViewState,
    panes: number,
    onMove: (share: Share) => void,
  ) {
    const find = <Kind extends HTMLElement>(what: string): Kind => element.querySelector<Kind>(what)!;
    const sayDraft = (isDraft: boolean): void => void (find('[data-draft]').hidden = !isDraft);
    const values = new TileValues(data.tiles, () => void this.stage.repaint(), sayDraft, MOST_BYTES / panes);
    this.scene = { layers: data.layers, state, values, lines: new ShapeLines(data.tiles), picked: { layer: -1, label: 0 } };
    const painters = { image: new ImagePainter(this.scene), labels: new LabelPainter(this.scene), shapes: new ShapePainter(this.scene) };
    this.stage = new Stage(find('[data-stage]'), data, painters);
    const moved = (): void => {
      drawScale(find('[data-scale]'), data.pixelSize, this.stage.zoom());
      onMove(this.stage.share());
    };
    this.stage.viewer.addHandler('update-viewport', moved);
    this.stage.viewer.addHandler('resize', moved);
  }
}
