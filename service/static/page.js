// Answers the form in place. Without this script the form still works: the browser loads the page with the result.
"use strict";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form.ask")) return;
  event.preventDefault();
  const main = document.getElementById("try");
  const button = form.querySelector("button.main");
  const said = button.textContent;
  const fields = new URLSearchParams(new FormData(form));
  if (event.submitter && event.submitter.name) fields.set(event.submitter.name, event.submitter.value);
  form.setAttribute("aria-busy", "true");
  button.textContent = main.dataset.busy;
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const key = document.getElementById("key");
    const answered = page.getElementById("try");
    main.replaceWith(answered);
    document.title = page.title;
    if (key) document.getElementById("key").value = key.value;
    const place = document.getElementById("result-title") || document.querySelector("[aria-invalid]");
    place.focus({ preventScroll: true });
    show(document.querySelector(".alarm") || place);
  } catch {
    form.removeAttribute("aria-busy");
    button.textContent = said;
    document.getElementById("error").textContent = main.dataset.unreachable;
  }
});

function show(place) {
  const top = place.getBoundingClientRect().top;
  if (top >= 0 && top < window.innerHeight * 0.7) return;
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ behavior: isCalm ? "auto" : "smooth", block: "start" });
}
