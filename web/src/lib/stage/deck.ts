/**
 * The pictures on the stage: one viewer that holds the pictures at hand and their neighbors, so that next, before and
 * after swap without a load, and the same pixel stays under the pointer.
 */
import OpenSeadragon from "openseadragon";
import type { Box, Point, Size } from "./geometry";
import { sourceOf, overlaySource, type Inside, type Pyramid } from "./tiles";
import type { OverlayKind } from "./overlay";

export type Mode = "toggle" | "side" | "wipe" | "difference";

/** A picture to show: what was painted, and what it was painted from on the same pixels, where there is one. */
export interface Slide {
  readonly key: string;
  readonly after: Pyramid;
  readonly before: Pyramid | null;
}

interface Item {
  readonly slide: Slide;
  after?: OpenSeadragon.TiledImage;
  before?: OpenSeadragon.TiledImage;
  overlays: Map<OverlayKind, OpenSeadragon.TiledImage>;
  isSubject?: Inside;
}

export interface View {
  /** What is on the screen, 0..1 of the painted picture; may reach beyond it. */
  readonly box: Box;
  /** Screen pixels per picture pixel: 1 is 100 %. */
  readonly scale: number;
  /** From 0..1 of the picture to CSS pixels of the stage. */
  readonly toScreen: (point: Point) => Point;
  readonly toPicture: (point: Point) => Point;
}

const HELD = 10; // slides kept at hand: the one shown, five ahead, two behind, and room

function makeViewer(element: HTMLElement): OpenSeadragon.Viewer {
  const viewer = new OpenSeadragon.Viewer({
    element,
    drawer: "canvas",
    animationTime: 0,
    springStiffness: 1000,
    blendTime: 0,
    alwaysBlend: false,
    immediateRender: true,
    preserveViewport: true,
    preserveImageSizeOnResize: true,
    visibilityRatio: 0,
    minZoomImageRatio: 0.2,
    maxZoomPixelRatio: 16,
    imageLoaderLimit: 6,
    maxImageCacheCount: 400,
    showNavigationControl: false,
    keyboardNavEnabled: false,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: false, flickEnabled: false },
    gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, flickEnabled: false },
    gestureSettingsPen: { clickToZoom: false, dblClickToZoom: false, flickEnabled: false },
    zoomPerScroll: 1.25,
    background: "transparent",
  } as unknown as OpenSeadragon.Options);
  const tracker = (viewer as unknown as { innerTracker: Record<string, unknown> }).innerTracker;
  tracker.keyDownHandler = null; // keys belong to the key map
  tracker.keyHandler = null;
  return viewer;
}

export class Deck {
  private readonly viewer: OpenSeadragon.Viewer;
  private second: OpenSeadragon.Viewer | null = null;
  private readonly items = new Map<string, Item>();
  private readonly secondItems = new Map<string, OpenSeadragon.TiledImage>();
  private key = "";
  private mode: Mode = "toggle";
  private before = false;
  private wipeAt = 0.5;
  private overlays = new Set<OverlayKind>();
  private leading: OpenSeadragon.Viewer | null = null;
  private fitted = true;
  private closed = false;

  constructor(
    element: HTMLElement,
    private readonly secondElement: HTMLElement,
    private readonly onView: (view: View) => void,
    private readonly onDrawn: () => void = () => {},
  ) {
    this.viewer = makeViewer(element);
    this.viewer.addHandler("update-viewport", () => this.viewChanged());
    this.viewer.addHandler("resize", () => requestAnimationFrame(() => this.fitted && !this.closed && this.fit()));
    this.viewer.addHandler("tile-drawn", () => this.onDrawn());
    this.viewer.addHandler("canvas-drag", () => (this.fitted = false));
    this.viewer.addHandler("canvas-scroll", () => (this.fitted = false));
  }

  destroy(): void {
    this.closed = true;
    this.viewer.destroy();
    this.second?.destroy();
  }

  /** Show a slide; its neighbors are loaded behind it and swap in at once later. */
  show(slide: Slide, neighbors: readonly Slide[] = []): void {
    const first = !this.items.has(slide.key);
    const sameSize = this.current && same(this.current.slide.after, slide.after);
    this.key = slide.key;
    this.hold(slide);
    this.items.get(slide.key)?.after?.setPreload(true);
    this.arrange();
    if (!sameSize || this.fitted) this.fit();
    else if (first) this.viewChanged();
    // Neighbors come after the picture itself has its tiles.
    const wait = first ? 150 : 0;
    window.setTimeout(() => {
      if (this.closed || this.key !== slide.key) return;
      for (const each of neighbors) this.hold(each);
      this.drop(new Set([slide.key, ...neighbors.map((each) => each.key)]));
    }, wait);
  }

  setMode(mode: Mode, before: boolean, wipeAt: number): void {
    const was = this.mode;
    this.mode = mode;
    this.before = before;
    this.wipeAt = wipeAt;
    this.arrange();
    if (was !== mode && (was === "side" || mode === "side")) requestAnimationFrame(() => this.fitted && this.fit());
  }

  /** Say where the subject of a slide is: clipping is shown there alone. */
  setSubject(key: string, isSubject: Inside): void {
    const item = this.items.get(key);
    if (!item || item.isSubject) return;
    item.isSubject = isSubject;
    const old = item.overlays.get("clip");
    if (old) this.viewer.world.removeItem(old);
    item.overlays.delete("clip");
    this.arrange();
  }

  setOverlays(kinds: Iterable<OverlayKind>): void {
    this.overlays = new Set(kinds);
    this.arrange();
  }

  /** Zoom to `percent` of picture pixels, keeping the picture under `at` (CSS pixels of the stage) where it is. */
  zoom(percent: number, at?: Point): void {
    const item = this.current?.after;
    if (!item) return;
    this.fitted = false;
    const zoom = item.imageToViewportZoom(percent / 100 / (window.devicePixelRatio || 1));
    const viewport = this.viewer.viewport;
    const anchor = at ? viewport.pointFromPixel(new OpenSeadragon.Point(at.x, at.y), true) : viewport.getCenter(true);
    viewport.zoomTo(zoom, anchor, true);
    viewport.applyConstraints(true);
    this.viewer.forceRedraw();
  }

  /** Bring a place (0..1 of the picture) to the middle at `percent`. */
  look(box: Box, percent: number): void {
    const item = this.current?.after;
    if (!item) return;
    const { x: width, y: height } = item.getContentSize();
    const middle = item.imageToViewportCoordinates(((box[0] + box[2]) / 2) * width, ((box[1] + box[3]) / 2) * height);
    this.zoom(percent);
    this.viewer.viewport.panTo(middle, true);
    this.viewer.forceRedraw();
  }

  pan(dx: number, dy: number): void {
    this.fitted = false;
    this.viewer.viewport.panBy(this.viewer.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(dx, dy), true), true);
  }

  fit(): void {
    const size = this.current?.slide.after;
    if (!size) return;
    this.fitted = true;
    const bounds = new OpenSeadragon.Rect(0, 0, 1, size.height / size.width);
    const margin = 0.02;
    this.viewer.viewport.fitBounds(new OpenSeadragon.Rect(-margin, -margin * bounds.height, 1 + 2 * margin, bounds.height * (1 + 2 * margin)), true);
    this.viewChanged();
  }

  get isFitted(): boolean {
    return this.fitted;
  }

  /** True when every tile that the screen needs is drawn. */
  get isSharp(): boolean {
    const item = this.current;
    if (!item) return false;
    const loaded = (image: OpenSeadragon.TiledImage | undefined): boolean => image?.getFullyLoaded() ?? false;
    if (this.mode === "toggle") return loaded(this.before ? item.before : item.after);
    return loaded(item.after) && (!item.slide.before || loaded(item.before));
  }

  private get current(): Item | undefined {
    return this.items.get(this.key);
  }

  private hold(slide: Slide): void {
    if (this.items.has(slide.key)) return;
    const item: Item = { slide, overlays: new Map() };
    this.items.set(slide.key, item);
    const add = (pyramid: Pyramid, done: (image: OpenSeadragon.TiledImage) => void) =>
      this.viewer.addTiledImage({
        tileSource: sourceOf(pyramid),
        x: 0,
        y: 0,
        width: 1,
        opacity: 0,
        preload: true,
        success: (event: unknown) => {
          const { item: image } = event as { item: OpenSeadragon.TiledImage };
          done(image);
          image.addHandler("fully-loaded-change", () => this.key === slide.key && this.viewChanged());
          if (this.items.get(slide.key) === item) this.arrange();
          if (this.key === slide.key && this.fitted) this.fit();
        },
      } as unknown as OpenSeadragon.TileSourceSpecifier);
    add(slide.after, (image) => (item.after = image));
    if (slide.before) add(slide.before, (image) => (item.before = image));
  }

  private drop(keep: ReadonlySet<string>): void {
    for (const [key, item] of this.items) {
      if (keep.has(key) || this.items.size <= HELD) continue;
      for (const image of [item.after, item.before, ...item.overlays.values()]) if (image) this.viewer.world.removeItem(image);
      this.items.delete(key);
    }
  }

  /** Give every picture on the stage its opacity, clip and way of mixing. */
  private arrange(): void {
    for (const [key, item] of this.items) {
      const shown = key === this.key;
      const over = shown && this.mode !== "side" && (this.mode !== "toggle" || this.before);
      item.after?.setOpacity(shown ? 1 : 0);
      if (item.before) {
        item.before.setCompositeOperation(shown && this.mode === "difference" ? "difference" : "source-over");
        item.before.setOpacity(over ? 1 : 0);
        this.clip(item);
      }
      if (!shown) for (const image of item.overlays.values()) image.setOpacity(0);
    }
    this.raise();
    this.showOverlays();
    this.showSecond();
    this.viewer.forceRedraw();
  }

  /** What is shown lies on top, before over after; the rest never covers it. */
  private raise(): void {
    const item = this.current;
    const world = this.viewer.world;
    const wanted = [item?.after, item?.before, ...(item?.overlays.values() ?? [])].filter((each) => each !== undefined);
    const from = world.getItemCount() - wanted.length;
    wanted.forEach((image, index) => {
      if (world.getIndexOfItem(image) !== from + index) for (const each of wanted) world.setItemIndex(each, world.getItemCount() - 1);
    });
  }

  private clip(item: Item): void {
    const { width, height } = item.slide.after;
    const wiped = this.mode === "wipe" && item.slide.key === this.key;
    if (!wiped) return item.before?.setClip(null);
    const stage = this.viewer.viewport.getContainerSize();
    const at = this.viewer.viewport.pointFromPixel(new OpenSeadragon.Point(stage.x * this.wipeAt, 0), true).x * width;
    item.before?.setClip(new OpenSeadragon.Rect(0, 0, Math.max(0, Math.min(width, at)), height));
    item.before?.setOpacity(at > 0 ? 1 : 0);
  }

  private showOverlays(): void {
    const item = this.current;
    if (!item) return;
    const pyramid = this.mode === "toggle" && this.before && item.slide.before ? item.slide.before : item.slide.after;
    for (const kind of ["clip", "white"] as const) {
      const own = item.overlays.get(kind);
      const wanted = this.overlays.has(kind);
      if (own) own.setOpacity(wanted ? 1 : 0);
      else if (wanted && item.after) {
        this.viewer.addTiledImage({
          tileSource: overlaySource(pyramid, kind, kind === "clip" && pyramid === item.slide.after ? item.isSubject : undefined),
          x: 0,
          y: 0,
          width: 1,
          success: (event: unknown) => {
            const image = (event as { item: OpenSeadragon.TiledImage }).item;
            if (item.overlays.has(kind)) return void this.viewer.world.removeItem(image);
            item.overlays.set(kind, image);
            this.arrange();
          },
        } as unknown as OpenSeadragon.TileSourceSpecifier);
      }
    }
  }

  private showSecond(): void {
    const slide = this.current?.slide;
    if (this.mode !== "side" || !slide?.before) return;
    if (!this.second) {
      this.second = makeViewer(this.secondElement);
      this.second.addHandler("update-viewport", () => this.follow(this.second, this.viewer));
    }
    for (const [key, image] of this.secondItems) image.setOpacity(key === slide.key ? 1 : 0);
    if (this.secondItems.has(slide.key)) return;
    const second = this.second;
    second.addTiledImage({
      tileSource: sourceOf(slide.before),
      x: 0,
      y: 0,
      width: 1,
      success: (event: unknown) => {
        this.secondItems.set(slide.key, (event as { item: OpenSeadragon.TiledImage }).item);
        for (const [key, image] of this.secondItems) image.setOpacity(key === this.key ? 1 : 0);
        this.follow(this.viewer, second);
      },
    } as unknown as OpenSeadragon.TileSourceSpecifier);
  }

  /** One shared view: what one side shows, the other shows. */
  private follow(from: OpenSeadragon.Viewer | null, to: OpenSeadragon.Viewer | null): void {
    if (!from || !to || this.leading || this.mode !== "side") return;
    this.leading = from;
    const [a, b] = [from.viewport, to.viewport];
    if (Math.abs(a.getZoom(true) - b.getZoom(true)) > 1e-9) b.zoomTo(a.getZoom(true), undefined, true);
    const [p, q] = [a.getCenter(true), b.getCenter(true)];
    if (Math.hypot(p.x - q.x, p.y - q.y) > 1e-9) b.panTo(p, true);
    if (to === this.viewer) this.viewChanged();
    this.leading = null;
  }

  private viewChanged(): void {
    const item = this.current;
    if (!item || this.closed) return;
    if (this.mode === "wipe") this.clip(item);
    this.follow(this.viewer, this.second);
    const viewport = this.viewer.viewport;
    const aspect = item.slide.after.height / item.slide.after.width;
    const bounds = viewport.getBounds(true);
    const stage = viewport.getContainerSize();
    const scale = ((viewport.getZoom(true) * stage.x) / item.slide.after.width) * (window.devicePixelRatio || 1);
    this.viewer.drawer.setImageSmoothingEnabled(scale <= 1.001);
    this.second?.drawer.setImageSmoothingEnabled(scale <= 1.001);
    this.onView({
      box: [bounds.x, bounds.y / aspect, bounds.x + bounds.width, (bounds.y + bounds.height) / aspect],
      scale,
      toScreen: ({ x, y }) => ({ x: ((x - bounds.x) / bounds.width) * stage.x, y: ((y * aspect - bounds.y) / bounds.height) * stage.y }),
      toPicture: ({ x, y }) => ({ x: bounds.x + (x / stage.x) * bounds.width, y: (bounds.y + (y / stage.y) * bounds.height) / aspect }),
    });
  }
}

const same = (one: Size, other: Size): boolean => one.width === other.width && one.height === other.height;
