/** `npm run cluster`: starts the cluster, prints how to reach it, and keeps it until a signal. */
import { endWithSignals } from "../../conformance/processes.ts";
import { NodeCluster } from "./cluster.ts";

const cluster = await NodeCluster.start();
endWithSignals(() => cluster.stop());
const enter = cluster.network.enter.join(" ");
console.log(`The node is ready. Its API server is reached from inside its network namespace:

  export KUBECONFIG=${cluster.kubeconfig}
  ${enter} kubectl get pods --all-namespaces

Ctrl-C ends it.`);
await new Promise(() => setInterval(() => {}, 1 << 30));
