"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("live");
  const sheet = document.getElementById("sheet");
  const told = document.getElementById("told");
  const letters = document.getElementById("letters");
  const looks = [...document.querySelectorAll(".look")];
  let last = null;

  const here = () => looks.find((look) => "#" + look.id === location.hash) || null;
  const say = (text) => { told.textContent = text; };
  const press = (button, on) => button.setAttribute("aria-pressed", on ? "true" : "false");

  function compare(look, mode) {
    if (look.dataset.split !== "1") return;
    look.dataset.mode = mode;
    look.querySelectorAll("[data-mode]").forEach((each) => press(each, each.dataset.mode === mode));
    say({ split: "Side by side", before: "Before", after: "After" }[mode]);
  }

  const toggle = (look) => compare(look, look.dataset.mode === "after" ? "before" : "after");

  function layer(look, name, on) {
    look.dataset[name] = on ? "1" : "0";
    look.querySelectorAll('[data-layer="' + name + '"]').forEach((each) => press(each, on));
  }

  const flip = (look, name) => {
    if (look.querySelector('[data-layer="' + name + '"]')) layer(look, name, look.dataset[name] !== "1");
  };

  // A chosen place is drawn thicker, and the heat map shown is its own; with none chosen all are shown.
  function choose(look, n, quiet) {
    look.dataset.n = n;
    look.querySelectorAll(".mark").forEach((each) => press(each, each.dataset.n === n));
    look.querySelectorAll(".bx").forEach((each) => each.classList.toggle("on", each.dataset.n === n));
    look.querySelectorAll(".heat").forEach((each) => each.classList.toggle("on", !n || each.dataset.n === n));
    const mark = n && look.querySelector('.mark[data-n="' + n + '"]');
    if (mark && !quiet) { mark.scrollIntoView({ block: "nearest" }); say("Place " + n + ": " + mark.textContent); }
  }

  function nextPlace(look, by) {
    const count = look.querySelectorAll(".mark").length;
    if (!count) return;
    const now = Number(look.dataset.n || (by > 0 ? 0 : 1));
    choose(look, String(((now - 1 + by + count) % count) + 1));
  }

  function show() {
    const look = here();
    sheet.inert = Boolean(look);
    if (look) {
      if (!look.dataset.mode) {
        layer(look, "boxes", true);
        layer(look, "heat", false);
        choose(look, look.querySelector(".mark") ? "1" : "", true);
        if (look.dataset.split === "1") look.dataset.mode = "split";
      }
      last = look.id;
      if (!look.contains(document.activeElement)) look.focus({ preventScroll: true });
    } else if (last) {
      const frame = document.querySelector('.frame[href="#' + last + '"]');
      last = null;
      if (frame && !frame.closest("[hidden]")) { frame.focus(); frame.scrollIntoView({ block: "nearest" }); }
    }
  }

  // Opened pictures take the place of each other in the history, so that Back leads to the sheet. The keys follow at
  // once: the browser tells of a new address a moment later, and what was pressed until then would go astray.
  function go(hash) {
    if (here() && /^#f\d+$/.test(hash)) {
      location.replace(hash);
    } else {
      location.hash = hash;
    }
    show();
  }

  document.addEventListener("click", (event) => {
    const look = event.target.closest(".look");
    const button = event.target.closest("button, a");
    if (look && button) {
      if (button.dataset.mode) compare(look, button.dataset.mode);
      else if (button.dataset.layer) flip(look, button.dataset.layer);
      else if (button.dataset.step) { event.preventDefault(); go(button.getAttribute("href")); }
      else if (button.classList.contains("mark")) choose(look, look.dataset.n === button.dataset.n ? "" : button.dataset.n);
    } else if (look && event.target.closest(".fit")) {
      toggle(look);
    } else if (button && "show" in button.dataset) {
      filter(button.dataset.show);
    } else if (button === letters) {
      const on = letters.getAttribute("aria-pressed") !== "true";
      press(letters, on);
      letters.textContent = on ? "Letter keys on" : "Letter keys off";
    }
  });

  function filter(standing) {
    document.querySelectorAll("[data-show]").forEach((each) => press(each, each.dataset.show === standing));
    document.querySelectorAll(".product").forEach((product) => {
      let shown = 0;
      product.querySelectorAll("li[data-standing]").forEach((each) => {
        each.hidden = Boolean(standing) && each.dataset.standing !== standing;
        shown += each.hidden ? 0 : 1;
      });
      product.hidden = shown === 0;
    });
  }

  // Arrows move among the frames of the sheet, row by row as they lie.
  function move(frame, key) {
    const frames = [...document.querySelectorAll(".frame")].filter((each) => !each.closest("[hidden]"));
    const now = frames.indexOf(frame);
    if (key === "ArrowRight" || key === "ArrowLeft") {
      const next = frames[now + (key === "ArrowRight" ? 1 : -1)];
      if (next) next.focus();
      return;
    }
    const from = frame.getBoundingClientRect();
    const down = key === "ArrowDown";
    const others = frames.filter((each) => {
      const top = each.getBoundingClientRect().top;
      return down ? top > from.top + 8 : top < from.top - 8;
    });
    const near = (each) => {
      const box = each.getBoundingClientRect();
      return Math.abs(box.top - from.top) * 4 + Math.abs(box.left - from.left);
    };
    others.sort((a, b) => near(a) - near(b));
    if (others.length) others[0].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const look = here();
    const frame = document.activeElement && document.activeElement.closest(".frame");
    if (!look) {
      if (frame && event.key.startsWith("Arrow")) { event.preventDefault(); move(frame, event.key); }
      return;
    }
    if (event.key === "Escape") { go("#pictures"); return; }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const step = look.querySelector('[data-step="' + (event.key === "ArrowLeft" ? -1 : 1) + '"]');
      if (step) { event.preventDefault(); go(step.getAttribute("href")); }
      return;
    }
    if (letters.getAttribute("aria-pressed") !== "true") return;
    const act = {
      "\\": () => toggle(look),
      y: () => compare(look, "split"),
      b: () => flip(look, "boxes"),
      o: () => flip(look, "heat"),
      ".": () => nextPlace(look, 1),
      ",": () => nextPlace(look, -1),
    }[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });

  // Tab stays in the open picture.
  document.addEventListener("keydown", (event) => {
    const look = here();
    if (event.key !== "Tab" || !look) return;
    const stops = [...look.querySelectorAll("a[href], button")].filter((each) => each.offsetParent);
    const first = stops[0];
    const end = stops[stops.length - 1];
    if (event.shiftKey && (document.activeElement === first || document.activeElement === look)) {
      event.preventDefault(); end.focus();
    } else if (!event.shiftKey && document.activeElement === end) {
      event.preventDefault(); first.focus();
    }
  });

  window.addEventListener("hashchange", show);
  show();
})();
