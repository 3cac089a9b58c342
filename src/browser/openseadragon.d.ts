/** The part of OpenSeadragon that is used; the build makes a module of its file. */
export interface Point {
  x: number;
  y: number;
}
export interface Rect extends Point {
  width: number;
  height: number;
}
export interface Tile {
  level: number;
  x: number;
  y: number;
  /** On the stage, in CSS pixels. */
  position: Point;
  size: Point;
}
export interface TileJob {
  tile: Tile;
  finish(data: CanvasRenderingContext2D, request: null, kind: 'context2d'): void;
  fail(reason: string, request: null): void;
}
export interface TiledImage {
  getContentSize(): Point;
  imageToViewportCoordinates(x: number, y: number): Point;
  viewportToImageCoordinates(x: number, y: number): Point;
  reset(): void;
}
export interface ViewerEvent {
  tiledImage: TiledImage;
  context: CanvasRenderingContext2D;
  rendered: CanvasRenderingContext2D;
  tile: Tile;
  position: Point;
  quick: boolean;
  preventDefaultAction: boolean;
}
export interface Viewport {
  getZoom(current?: boolean): number;
  getCenter(current?: boolean): Point;
  getBounds(current?: boolean): Rect;
  getContainerSize(): Point;
  imageToViewportZoom(zoom: number): number;
  viewportToImageZoom(zoom: number): number;
  pointFromPixel(pixel: Point, current?: boolean): Point;
  pixelFromPoint(point: Point, current?: boolean): Point;
  zoomBy(factor: number): void;
  zoomTo(zoom: number, reference?: Point | null, immediately?: boolean): void;
  panBy(delta: Point): void;
  panTo(center: Point, immediately?: boolean): void;
  goHome(immediately?: boolean): void;
  applyConstraints(immediately?: boolean): void;
}
export interface Viewer {
  canvas: HTMLElement;
  /** What is seen, in pixels of the screen. */
  drawer: { canvas: HTMLCanvasElement };
  viewport: Viewport;
  addHandler(name: string, handler: (event: ViewerEvent) => void): void;
  addTiledImage(options: Record<string, unknown>): void;
  forceRedraw(): void;
}
export declare const OpenSeadragon: {
  (options: Record<string, unknown>): Viewer;
  Point: new (x: number, y: number) => Point;
};
