/**
 * Refreshes the page: it makes the shown page equal to the one that is served now, node by node, so that focus, scroll
 * position and selection stay, and what people have unfolded too. When the sidecar no longer responds, the tab and the
 * page say so, and what is shown turns grey. Copies a line to the clipboard, which browsers offer only to a page from
 * loopback or over TLS; elsewhere the line is selected and copied as by hand.
 */
export const SCRIPT = `(() => {
  const EVERY = 5000;
  const sync = (shown, served) => {
    if (shown.nodeName !== served.nodeName) return shown.replaceWith(served.cloneNode(true));
    if (shown.nodeType === Node.TEXT_NODE) {
      if (shown.data !== served.data) shown.data = served.data;
      return;
    }
    const isTheirs = (name) => name === "open" && shown.dataset.open === served.dataset.open;
    const gone = [...shown.attributes].filter(({ name }) => !served.hasAttribute(name) && !isTheirs(name));
    const changed = [...served.attributes].filter(({ name, value }) => shown.getAttribute(name) !== value && !isTheirs(name));
    for (const { name } of gone) shown.removeAttribute(name);
    for (const { name, value } of changed) shown.setAttribute(name, value);
    const before = [...shown.childNodes];
    const after = [...served.childNodes];
    after.forEach((node, index) => (before[index] ? sync(before[index], node) : shown.append(node.cloneNode(true))));
    before.slice(after.length).forEach((node) => node.remove());
  };
  const refresh = async () => {
    const stale = document.querySelector("#stale");
    const showStale = (is) => {
      stale.hidden = !is;
      document.body.classList.toggle("stale", is);
      if (!is) return;
      document.title = stale.dataset.title;
      document.querySelector("link[rel=icon]").href = stale.dataset.icon;
    };
    try {
      const answer = await fetch(location.pathname, { cache: "no-store", signal: AbortSignal.timeout(EVERY) });
      if (!answer.ok) throw new Error(answer.status);
      const served = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of ["title", "link[rel=icon]", "main"]) {
        sync(document.querySelector(part), served.querySelector(part));
      }
      showStale(false);
    } catch {
      showStale(true);
    }
  };
  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(code);
      return document.execCommand("copy");
    }
  };
  document.documentElement.classList.add("js");
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest(".copy");
    if (button) button.textContent = (await copy(button.previousElementSibling)) ? "Copied" : "Select it";
  });
  let timer;
  const loop = async () => {
    clearTimeout(timer);
    if (!document.hidden) await refresh();
    clearTimeout(timer);
    timer = setTimeout(loop, EVERY);
  };
  document.addEventListener("visibilitychange", () => document.hidden || loop());
  timer = setTimeout(loop, EVERY);
})();`;
