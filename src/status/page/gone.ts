/** What the page shows when the sidecar no longer responds: a dead page must not look like a well one. Pure. */
import { copyable } from "./copyable.ts";
import { circle, icon } from "./headline.ts";
import { type Html, html } from "./html.ts";

/** The script shows it, and gives the tab its title and its icon. */
export function gone(hostname: string): Html {
  return html`<section id="stale" class="headline gone" role="alert" aria-label="No answer" data-title="NO ANSWER · ${hostname}" data-icon="${circle("gone")}" hidden>${icon("bad")}<div><p class="first">${hostname} no longer answers. What is below is old.</p>
<p class="remedy"><b>What to do:</b> start kubectl port-forward again if it has ended; otherwise see why the container has.</p>
${copyable("In Kubernetes:", `kubectl describe pod ${hostname}`)}
${copyable("Its last words:", `kubectl logs ${hostname} -c aws-credential-sidecar --previous`)}</div></section>`;
}
