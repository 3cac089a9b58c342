import { OpenSeadragon, type Point, type Tile, type TiledImage, type Viewer, type ViewerEvent } from '../openseadragon.js';
import { PaintedTiles, type Painter } from './painted-tiles.js';

/** A part of the image in its pixels. */
export interface Place {
  x: number;
  y: number;
  /** Pixels of the screen for one of the image. */
  zoom: number;
}

/** Where an image is looked at, in shares of its width and height, so that one of another size can be looked at in the same place. */
export interface Share {
  x: number;
  y: number;
  /** Widths of the stage in the width of the image. */
  zoom: number;
}

/** Further levels of lines: they stay sharp up to 16 times. */
const FINER_LINES = 4;
const MOST_ZOOM = 40;
const LEAST_SHARE = 0.5;
const PAN_SHARE = 0.12;
/** Of the stage that an object fills when one goes to it; pixels of a small one are not made larger than this. */
const SHARE_OF_OBJECT = 0.2;
const MOST_NEAR = 6;

/** The image under glass: OpenSeadragon moves it, our painters fill its tiles. */
export class Stage {
  readonly viewer: Viewer;
  private readonly items = new Map<TiledImage, { tiles: PaintedTiles; sharp: boolean }>();
  private image: TiledImage | undefined;

  constructor(
    element: HTMLElement,
    private readonly size: { width: number; height: number },
    painters: { image: Painter; labels: Painter; shapes: Painter },
  ) {
    keepStylesOut();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.viewer = OpenSeadragon({
      element,
      drawer: 'canvas',
      showNavigationControl: false,
      showNavigator: false,
      tabIndex: '',
      animationTime: still ? 0 : 0.35,
      springStiffness: 8,
      immediateRender: true,
      maxZoomPixelRatio: MOST_ZOOM,
      minZoomImageRatio: LEAST_SHARE,
      visibilityRatio: 0.2,
      smoothTileEdgesMinZoom: Infinity,
      maxImageCacheCount: 300,
      imageLoaderLimit: 12,
      placeholderFillStyle: null,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true },
    });
    this.viewer.addHandler('tile-drawing', (event) => this.draw(event));
    // Until there is something to be seen, words stand in its place.
    const reading = element.parentElement?.querySelector('[data-reading]');
    for (const name of ['tile-drawing', 'tile-load-failed'] as const) this.viewer.addHandler(name, () => reading?.remove());
    this.viewer.addHandler('tile-unloaded', ({ tiledImage, tile }) => this.forget(tiledImage, tile));
    this.viewer.addHandler('canvas-key', (event) => (event.preventDefaultAction = true));
    const layers: [string, Painter, boolean, number][] = [
      ['image', painters.image, false, 0],
      ['labels', painters.labels, true, 0],
      ['shapes', painters.shapes, false, FINER_LINES],
    ];
    for (const [name, painter, sharp, finer] of layers) this.add(new PaintedTiles(name, size, painter, finer), sharp);
  }

  private add(tiles: PaintedTiles, sharp: boolean): void {
    tiles.whenRenewed = () => this.viewer.forceRedraw();
    const success = ({ item }: { item: TiledImage }): void => {
      this.items.set(item, { tiles, sharp });
      this.image ??= item;
      if (this.items.size === 1) this.whenReady?.();
    };
    this.viewer.addTiledImage({ tileSource: tiles.source(), x: 0, y: 0, width: 1, success });
  }

  /** Is called once, when places can be gone to. */
  whenReady: (() => void) | undefined;

  async repaint(): Promise<void> {
    await Promise.all([...this.items.values()].map(({ tiles }) => tiles.repaint()));
    this.viewer.forceRedraw();
  }

  /** The middle of what is seen. */
  place(): Place {
    const center = this.viewer.viewport.getCenter(false);
    return { x: center.x * this.size.width, y: center.y * this.size.width, zoom: this.zoom(false) };
  }

  /** What is seen, in pixels of the screen. */
  get picture(): HTMLCanvasElement {
    return this.viewer.drawer.canvas;
  }

  /** Moves to a part of the image, near enough to see it with what is around. */
  goTo({ x, y, width, height }: { x: number; y: number; width: number; height: number }): void {
    const { x: across, y: down } = this.viewer.viewport.getContainerSize();
    const zoom = Math.min(MOST_NEAR, (Math.min(across, down) * SHARE_OF_OBJECT) / Math.max(width, height));
    this.go({ x, y, zoom: Math.max(zoom, this.zoom(false)) });
  }

  go({ x, y, zoom }: Place): void {
    const { viewport } = this.viewer;
    viewport.zoomTo((zoom * this.size.width) / viewport.getContainerSize().x, null, true);
    viewport.panTo(new OpenSeadragon.Point(x / this.size.width, y / this.size.width), true);
  }

  /** As it is seen at this moment, in the middle of a movement too. */
  share(): Share {
    const { viewport } = this.viewer;
    const center = viewport.getCenter(true);
    return { x: center.x, y: (center.y * this.size.width) / this.size.height, zoom: viewport.getZoom(true) };
  }

  goShare({ x, y, zoom }: Share): void {
    const { viewport } = this.viewer;
    viewport.zoomTo(zoom, null, true);
    viewport.panTo(new OpenSeadragon.Point(x, (y * this.size.height) / this.size.width), true);
  }

  /** Pixels of the screen for one of the image. */
  zoom(current = true): number {
    const { viewport } = this.viewer;
    return (viewport.getZoom(current) * viewport.getContainerSize().x) / this.size.width;
  }

  zoomBy(factor: number): void {
    this.viewer.viewport.zoomBy(factor);
    this.viewer.viewport.applyConstraints();
  }

  /** @param x,y shares of the stage, -1, 0 or 1. */
  pan(x: number, y: number): void {
    const bounds = this.viewer.viewport.getBounds(false);
    this.viewer.viewport.panBy(new OpenSeadragon.Point(x * bounds.width * PAN_SHARE, y * bounds.height * PAN_SHARE));
    this.viewer.viewport.applyConstraints();
  }

  fit(): void {
    this.viewer.viewport.goHome();
  }

  /** @param pixel of the stage. @returns pixels of the image, which may lie outside of it. */
  imagePoint(pixel: Point): Point {
    const point = this.viewer.viewport.pointFromPixel(new OpenSeadragon.Point(pixel.x, pixel.y), true);
    return { x: point.x * this.size.width, y: point.y * this.size.width };
  }

  stagePoint({ x, y }: Point): Point {
    return this.viewer.viewport.pixelFromPoint(new OpenSeadragon.Point(x / this.size.width, y / this.size.width), true);
  }

  /**
   * Draws a tile in our way: between whole pixels of the screen, so that half transparent tiles leave no seam where they meet. Numbers of
   * objects are never mixed, and near by one wants to see pixels.
   */
  private draw({ tiledImage, context, tile, rendered }: ViewerEvent): void {
    const sharp = this.items.get(tiledImage)?.sharp === true;
    context.imageSmoothingEnabled = !sharp && this.zoom() * devicePixelRatio < 1;
    // Its sizes are a pixel too large.
    const [left, top, right, bottom] = [
      tile.position.x,
      tile.position.y,
      tile.position.x + tile.size.x - 1,
      tile.position.y + tile.size.y - 1,
    ].map((edge) => Math.round(edge * devicePixelRatio));
    context.drawImage(rendered.canvas, left, top, right - left, bottom - top);
    // OpenSeadragon draws it, too, and gets no room for that.
    context.beginPath();
    context.clip();
  }

  private forget(item: TiledImage, tile: Tile): void {
    this.items.get(item)?.tiles.forget(tile);
  }
}

/** OpenSeadragon writes a style into the page unless it finds one with this mark; the content policy would refuse it. */
function keepStylesOut(): void {
  const mark = document.createElementNS('urn:mark', 'style');
  mark.setAttribute('data-openseadragon-mobile-css', '');
  document.head.append(mark);
}
