// Sets the theme before the first paint. A file of its own, because the content security policy
// allows no inline script. Keep the key in step with src/lib/theme.ts.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("concord.theme");
  } catch {
    // Storage is blocked: the system's setting decides.
  }
  const dark = choice ? choice === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
