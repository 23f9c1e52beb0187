/** `npm run cluster`: starts the cluster with AWS around it, prints how to reach it, and keeps it until a signal. */
import { endWithSignals } from "../../conformance/processes.ts";
import { built } from "../kubernetes/support/kubectl.ts";
import { AwsCluster } from "./aws-cluster.ts";

const cluster = await AwsCluster.start();
endWithSignals(() => cluster.stop());
const enter = cluster.node.network.enter.join(" ");
console.log(`The node is ready, with this checkout's image and an AWS that answers. Its API server is reached from inside its
network namespace:

  export KUBECONFIG=${cluster.node.kubeconfig}
  alias kubectl="${enter} ${built("kubectl")}"
  kubectl apply --filename examples/kubernetes/deployment.yaml

Ctrl-C ends it.`);
await new Promise(() => setInterval(() => {}, 1 << 30));
