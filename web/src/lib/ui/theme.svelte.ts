/** Dark or light: what a person chose, else what the system says. */
import { keep, kept } from "./kept";

class Theme {
  private chosen = $state(kept<string>("safelight.theme", ""));

  get word(): "dark" | "light" {
    if (this.chosen === "light" || this.chosen === "dark") return this.chosen;
    return window.matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  }

  toggle(): void {
    this.chosen = this.word === "dark" ? "light" : "dark";
    keep("safelight.theme", this.chosen);
    this.apply();
  }

  apply(): void {
    document.documentElement.dataset.theme = this.word;
  }
}

export const theme = new Theme();
