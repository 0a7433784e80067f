/** What a screen reader is told, and what stands above everything for a moment: "Approved. Next: BAG-06, 0.71". */

class Voice {
  text = $state("");
  trouble = $state("");
  news = $state("");

  say(text: string): void {
    this.text = text;
  }

  /** Say what is done and cannot be seen where one is now, until it is read. */
  tell(text: string): void {
    this.news = text;
  }

  /** Say what went wrong, until it is read. */
  warn(text: string): void {
    this.trouble = text;
  }
}

export const voice = new Voice();
