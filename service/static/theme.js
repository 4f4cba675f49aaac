// Sets light or dark before anything is painted; nothing is set where the device decides.
"use strict";
try {
  const theme = localStorage.getItem("pilah-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the device decides.
}
