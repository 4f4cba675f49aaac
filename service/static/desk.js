// Makes the review queue quick: letters for buttons, the next report fetched ahead, no second click.
// Without this script every form of the page works by itself.
"use strict";

(() => {
  const OFF = "pilah-keys-off";
  let ahead = null;
  // The second click of a double click must not decide on the report that came after the first.
  const PAUSE_MS = 500;
  let isSending = false;
  // Which form was sent last: what an earlier one still loads is not shown over it.
  let turn = 0;

  const desk = () => document.getElementById("desk");
  const areKeysOn = () => localStorage.getItem(OFF) === null;

  function prepare() {
    const box = document.getElementById("keys-on");
    if (box) {
      box.disabled = false;
      box.checked = areKeysOn();
    }
    nameSave();
    fetchAhead();
  }

  // The button says whether what is chosen confirms or corrects.
  function nameSave() {
    const form = document.getElementById("decide");
    const button = document.querySelector("button[form=decide][value=save]");
    if (!form || !button) return;
    const questions = [...form.querySelectorAll("[data-question]")];
    const isChanged = questions.some((one) => {
      const standing = one.querySelector("[data-standing]");
      return standing && !standing.checked;
    });
    button.textContent = isChanged ? form.dataset.changed : form.dataset.save;
  }

  async function fetchAhead() {
    ahead = null;
    const address = desk()?.dataset.next;
    if (!address) return;
    try {
      // Nobody sees it yet, and the service is told so: what waits for a person waits on.
      const answer = await fetch(address, { headers: { "Pilah-Desk": "ahead" } });
      const page = answer.ok && !answer.redirected ? parse(await answer.text()) : null;
      if (desk()?.dataset.next === address) ahead = page;
    } catch {
      ahead = null;
    }
  }

  const parse = (text) => new DOMParser().parseFromString(text, "text/html");

  function show(page, { isFocused }) {
    const content = page.getElementById("content");
    if (!content) return false;
    document.getElementById("content").replaceWith(document.adoptNode(content));
    document.title = page.title;
    prepare();
    if (isFocused) focusReport();
    return true;
  }

  function focusReport() {
    const place = document.querySelector(".state.fault") || document.getElementById("report-title") || document.querySelector("#content [data-key=a]") || document.getElementById("main");
    if (place.matches(".fault")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-desk]")) return;
    event.preventDefault();
    if (isSending) return;
    setSending(true);
    const mine = ++turn;
    const fields = new URLSearchParams(new FormData(form));
    if (event.submitter?.name) fields.set(event.submitter.name, event.submitter.value);
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields, headers: { "Pilah-Desk": "1" } });
      const address = answer.headers.get("Pilah-Desk");
      if (address === null) {
        // What is wrong with the form, or a page that says why it cannot be done.
        if (!show(parse(await answer.text()), { isFocused: true })) window.location.reload();
        return;
      }
      const isNext = /\/[0-9a-f-]{30,}(\/lewati)?(\?|$)/.test(form.action);
      const shown = isNext && ahead ? ahead.querySelector("[data-report]")?.dataset.report : null;
      if (shown) {
        show(ahead, { isFocused: true });
        endSending(mine);
      }
      await refresh(address, shown, mine);
    } catch {
      window.location.reload();
    } finally {
      endSending(mine);
    }
  });

  const endSending = (mine) => setTimeout(() => mine === turn && setSending(false), PAUSE_MS);

  function setSending(isNow) {
    isSending = isNow;
    if (isNow) document.body.setAttribute("aria-busy", "true");
    else document.body.removeAttribute("aria-busy");
  }

  // The page as the service has it now; the report that is shown already stays, with what was typed into it.
  async function refresh(address, shown, mine) {
    const page = parse(await (await fetch(address)).text());
    if (mine !== turn) return;
    history.replaceState(null, "", address.replace(/([?&])done=[^&]*&?/, "$1").replace(/[?&]$/, ""));
    const isSame = shown && page.querySelector("[data-report]")?.dataset.report === shown;
    if (!isSame) return void show(page, { isFocused: true });
    document.getElementById("desk-side").replaceWith(document.adoptNode(page.getElementById("desk-side")));
    desk().dataset.next = page.getElementById("desk").dataset.next;
    document.getElementById("toast")?.remove();
    const toast = page.getElementById("toast");
    if (toast) document.getElementById("content").prepend(document.adoptNode(toast));
    prepare();
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "keys-on") {
      if (event.target.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
      return;
    }
    const select = event.target.closest("[data-question] > select");
    if (select?.value) select.parentElement.querySelector("input[value=lainnya]")?.click();
    nameSave();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat || !areKeysOn()) return;
    if (event.target.closest("textarea, select, input:not([type=radio], [type=checkbox])")) return;
    const key = event.key.toLowerCase();
    if (key === "?") {
      const keys = document.getElementById("keys");
      if (keys) keys.open = !keys.open;
    } else if (/^[1-9]$/.test(key)) choose(event.target, Number(key) - 1);
    else if (/^[a-z]$/.test(key)) {
      const button = document.querySelector(`[data-key="${key}"]`);
      if (!button) return;
      button.click();
    } else return;
    event.preventDefault();
  });

  function choose(place, number) {
    const question = place.closest("[data-question]") || document.querySelector("[data-question]");
    const input = question?.querySelectorAll("input[type=radio]")[number];
    input?.focus();
    input?.click();
  }

  if (desk()) prepare();
})();
