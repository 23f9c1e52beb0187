/**
 * Refreshes the page: it makes the shown page equal to the one that is served now, node by node, so that focus, scroll
 * position and selection stay. When the sidecar no longer responds it says so, and the page turns grey.
 */
export const SCRIPT = `(() => {
  const EVERY = 5000;
  const sync = (shown, served) => {
    if (shown.nodeName !== served.nodeName) return shown.replaceWith(served.cloneNode(true));
    if (shown.nodeType === Node.TEXT_NODE) {
      if (shown.data !== served.data) shown.data = served.data;
      return;
    }
    for (const { name } of [...shown.attributes]) if (!served.hasAttribute(name)) shown.removeAttribute(name);
    for (const { name, value } of served.attributes) {
      if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
    }
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
