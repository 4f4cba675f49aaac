// Draws charts, switches light and dark, keeps the page usable while parts of it are loaded.
// Without this script every page works: charts stay closed and their tables say the same.
"use strict";

(() => {
  const root = document.documentElement;
  const views = new Map();
  let vega = null;

  function loadVega() {
    vega ||= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = root.dataset.vega;
      script.onload = () => done(window.vegaEmbed);
      script.onerror = failed;
      document.head.append(script);
    });
    return vega;
  }

  async function draw(plot) {
    const spec = JSON.parse(plot.querySelector("script").textContent);
    const embed = await loadVega();
    const drawn = plot.querySelector(".drawn") || plot.appendChild(Object.assign(document.createElement("div"), { className: "drawn" }));
    plot.hidden = false;
    views.get(plot)?.finalize();
    // Its ink is the colour of the page around it, so light and dark need no second drawing.
    views.set(plot, await embed(drawn, spec, {
      actions: false, ast: true, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true },
      // Only errors: a picture of few rows is none.
      logLevel: 1,
    }));
    const picture = drawn.querySelector("svg");
    picture?.setAttribute("role", "img");
    picture?.setAttribute("aria-label", plot.dataset.title);
    plot.dataset.drawn = "true";
  }

  async function drawAll(within) {
    for (const plot of views.keys()) if (!plot.isConnected) (views.get(plot).finalize(), views.delete(plot));
    for (const plot of within.querySelectorAll(".plot")) {
      try {
        await draw(plot);
      } catch (error) {
        console.error(error);
        plot.hidden = true;
        plot.parentElement.querySelector("details.numbers")?.setAttribute("open", "");
      }
    }
  }

  const order = ["auto", "light", "dark"];
  function showTheme(button) {
    const now = root.dataset.theme || "auto";
    button.hidden = false;
    button.textContent = { auto: "◐", light: "☀", dark: "☾" }[now];
    button.title = button.dataset[now];
    button.setAttribute("aria-label", button.dataset[now]);
  }

  function turnTheme(button) {
    const next = order[(order.indexOf(root.dataset.theme || "auto") + 1) % order.length];
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === "auto") localStorage.removeItem("pilah-theme");
      else localStorage.setItem("pilah-theme", next);
    } catch {
      // The choice holds for this page.
    }
    showTheme(button);
  }

  const button = document.querySelector("button.theme");
  if (button) {
    showTheme(button);
    button.addEventListener("click", () => turnTheme(button));
  }
  // Not by scrollIntoView, from which the keyboard would go on instead of from the top.
  const pages = document.querySelector(".pages"), current = pages?.querySelector("[aria-current]");
  if (current) pages.scrollLeft = current.offsetLeft - (pages.clientWidth - current.offsetWidth) / 2;
  document.addEventListener("htmx:afterSettle", () => drawAll(document));
  document.addEventListener("htmx:beforeRequest", () => root.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", () => root.removeAttribute("aria-busy"));
  drawAll(document);
})();
