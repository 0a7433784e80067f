/**
 * The pictures on the stage. Fitted, they are layers that stand ready, before over after, neighbors behind: next and
 * before swap without a load. Beyond the fit, and to compare side by side, wiped or as a difference, one viewer paints
 * tiles over the same layers; it lives as long as the stage, and the same pixel stays under the pointer.
 */
import OpenSeadragon from "openseadragon";
import { Fitted } from "./fitted";
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
// From when a picture rests until the viewer takes it up, so that going through pictures never waits for it.
const REST_MS = 300;
const MOST_ENLARGED = 16;

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
    maxZoomPixelRatio: MOST_ENLARGED,
    imageLoaderLimit: 6,
    maxTilesPerFrame: 12,
    tileRetryMax: 3,
    tileRetryDelay: 250,
    maxImageCacheCount: 32,
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

/** End a viewer and give its pixels back now: the next room needs them before the page would clean up by itself. */
function putAway(viewer: OpenSeadragon.Viewer): void {
  viewer.world.removeAll();
  (viewer as unknown as { tileCache?: { clear: () => void } }).tileCache?.clear();
  viewer.destroy();
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
  private readonly layers: Fitted;
  private neighbors: readonly Slide[] = [];
  private resting = 0;

  constructor(
    element: HTMLElement,
    private readonly secondElement: HTMLElement,
    private readonly onView: (view: View) => void,
    private readonly onDrawn: () => void = () => {},
  ) {
    this.viewer = makeViewer(element);
    this.layers = new Fitted(
      () => ({ width: element.clientWidth, height: element.clientHeight }),
      () => !this.isLive && this.viewChanged(),
    );
    element.before(this.layers.element);
    this.viewer.addHandler("update-viewport", () => this.viewChanged());
    this.viewer.addHandler("resize", () => requestAnimationFrame(() => this.resized()));
    this.viewer.addHandler("tile-drawn", () => this.onDrawn());
    this.viewer.addHandler("canvas-drag", () => this.leaveFit());
    this.viewer.addHandler("canvas-scroll", () => this.leaveFit());
  }

  destroy(): void {
    this.closed = true;
    window.clearTimeout(this.resting);
    this.layers.destroy();
    for (const each of [this.viewer, this.second]) if (each) putAway(each);
  }

  /** Show a slide; its neighbors are made ready behind it and swap in at once later. */
  show(slide: Slide, neighbors: readonly Slide[] = []): void {
    const sameSize = this.current && same(this.current, slide.after);
    this.shown = slide;
    this.key = slide.key;
    this.neighbors = neighbors;
    if (!sameSize || this.fitted) this.fit();
    this.arrange();
    this.viewChanged();
    this.rest();
  }

  /** Once a picture rests: the viewer takes it up, and where it is at work, the neighbors' tiles come too. */
  private rest(): void {
    window.clearTimeout(this.resting);
    this.resting = window.setTimeout(() => {
      if (this.closed || !this.shown) return;
      this.hold(this.shown);
      if (this.isLive) for (const each of this.neighbors) this.hold(each);
      this.drop(new Set([this.key, ...(this.isLive ? this.neighbors.map((each) => each.key) : [])]));
    }, REST_MS);
  }

  /** True where the viewer's tiles are what is seen; false where the fitted layers are. */
  private get isLive(): boolean {
    return !this.fitted || this.mode !== "toggle" || this.overlays.size > 0;
  }

  private leaveFit(): void {
    if (!this.fitted) return;
    this.fitted = false;
    this.arrange();
    this.rest();
  }

  private resized(): void {
    if (this.closed || !this.current) return;
    this.layers.resized();
    this.limitZoom();
    if (this.fitted) this.fit();
    else this.viewChanged();
  }

  /** The viewer knows its limits only once it holds tiles: they are told to it before. */
  private limitZoom(): void {
    const viewport = this.viewer.viewport as OpenSeadragon.Viewport & { maxZoomLevel: number; minZoomLevel: number };
    const width = viewport.getContainerSize().x;
    if (!this.current || !width) return;
    viewport.maxZoomLevel = (MOST_ENLARGED * this.current.width) / width;
    viewport.minZoomLevel = 0.02;
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
    if (this.subjects.has(key)) return;
    this.subjects.set(key, isSubject);
    const item = this.items.get(key);
    if (!item) return;
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
    if (!this.current) return;
    this.leaveFit();
    const viewport = this.viewer.viewport;
    const zoom = (percent / 100 / (window.devicePixelRatio || 1)) * (this.current.width / viewport.getContainerSize().x);
    const anchor = at ? viewport.pointFromPixel(new OpenSeadragon.Point(at.x, at.y), true) : viewport.getCenter(true);
    viewport.zoomTo(zoom, anchor, true);
    viewport.applyConstraints(true);
    this.viewer.forceRedraw();
    this.viewChanged(false);
  }

  /** Bring a place (0..1 of the picture) to the middle at `percent`. */
  look(box: Box, percent: number): void {
    if (!this.current) return;
    const aspect = this.current.height / this.current.width;
    this.zoom(percent);
    this.viewer.viewport.panTo(new OpenSeadragon.Point((box[0] + box[2]) / 2, ((box[1] + box[3]) / 2) * aspect), true);
    this.viewer.forceRedraw();
    this.viewChanged(false);
  }

  pan(dx: number, dy: number): void {
    this.leaveFit();
    this.viewer.viewport.panBy(this.viewer.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(dx, dy), true), true);
  }

  fit(): void {
    const size = this.current;
    if (!size) return;
    const wasLive = this.isLive;
    this.fitted = true;
    this.limitZoom();
    const bounds = new OpenSeadragon.Rect(0, 0, 1, size.height / size.width);
    const margin = 0.02;
    this.viewer.viewport.fitBounds(new OpenSeadragon.Rect(-margin, -margin * bounds.height, 1 + 2 * margin, bounds.height * (1 + 2 * margin)), true);
    if (wasLive) this.arrange();
    if (this.isLive) this.viewer.forceRedraw();
    this.viewChanged(!this.isLive);
  }

  get isFitted(): boolean {
    return this.fitted;
  }

  /** True when every tile that the screen needs is drawn. */
  get isSharp(): boolean {
    if (!this.isLive) return this.layers.isReady;
    const item = this.items.get(this.key);
    if (!item || !this.isSettled) return false;
    const loaded = (image: OpenSeadragon.TiledImage | undefined): boolean => image?.getFullyLoaded() ?? false;
    if (this.mode === "toggle") return loaded(this.before ? item.before : item.after);
    return loaded(item.after) && (!item.slide.before || loaded(item.before));
  }

  private readonly subjects = new Map<string, Inside>();
  private shown: Slide | null = null;
  private isSettled = true;
  private get current(): Pyramid | undefined {
    return this.shown?.after;
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
        preload: false,
        success: (event: unknown) => {
          const { item: image } = event as { item: OpenSeadragon.TiledImage };
          done(image);
          image.addHandler("fully-loaded-change", () => this.key === slide.key && this.viewChanged());
          if (this.items.get(slide.key) !== item) return void this.viewer.world.removeItem(image);
          if (this.isLive) this.arrange();
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
    const slide = this.shown;
    if (!slide) return;
    const live = this.isLive;
    this.layers.show(slide, this.mode === "toggle" && this.before && slide.before ? "before" : "after", this.neighbors);
    this.viewer.element.style.opacity = live ? "" : "0"; // unseen, yet under the hand
    if (live) this.hold(slide);
    for (const [key, item] of this.items) {
      const shown = live && key === this.key;
      const over = shown && this.mode !== "side" && (this.mode !== "toggle" || this.before);
      for (const image of [item.after, item.before]) image?.setPreload(live);
      item.after?.setOpacity(shown ? 1 : 0);
      if (item.before) {
        item.before.setCompositeOperation(shown && this.mode === "difference" ? "difference" : "source-over");
        item.before.setOpacity(over ? 1 : 0);
        this.clip(item);
      }
      if (!shown) for (const image of item.overlays.values()) image.setOpacity(0);
    }
    if (!live) return;
    this.raise();
    this.showOverlays();
    this.showSecond();
    this.viewer.forceRedraw();
  }

  /** What is shown lies on top, before over after; the rest never covers it. */
  private raise(): void {
    const item = this.items.get(this.key);
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
    const item = this.items.get(this.key);
    if (!item) return;
    const pyramid = this.mode === "toggle" && this.before && item.slide.before ? item.slide.before : item.slide.after;
    for (const kind of ["clip", "white"] as const) {
      const own = item.overlays.get(kind);
      const wanted = this.overlays.has(kind);
      if (own) own.setOpacity(wanted ? 1 : 0);
      else if (wanted && item.after) {
        this.viewer.addTiledImage({
          tileSource: overlaySource(pyramid, kind, kind === "clip" && pyramid === item.slide.after ? this.subjects.get(this.key) : undefined),
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
    const slide = this.shown;
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

  /** Tell where the view is; `settled`: what the viewer says of its tiles is of this view. */
  private viewChanged(settled = true): void {
    const picture = this.current;
    if (!picture || this.closed) return;
    const item = this.items.get(this.key);
    if (this.mode === "wipe" && item) this.clip(item);
    this.follow(this.viewer, this.second);
    const viewport = this.viewer.viewport;
    const aspect = picture.height / picture.width;
    const bounds = viewport.getBounds(true);
    const stage = viewport.getContainerSize();
    const scale = ((viewport.getZoom(true) * stage.x) / picture.width) * (window.devicePixelRatio || 1);
    this.layers.moveTo(this.fitted && this.mode !== "side" ? null : { x: (-bounds.x / bounds.width) * stage.x, y: (-bounds.y / bounds.height) * stage.y, width: stage.x / bounds.width, height: (stage.x / bounds.width) * aspect });
    this.isSettled = settled;
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
