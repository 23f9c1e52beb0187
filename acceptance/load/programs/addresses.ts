/** Where things are in the pod's network namespace. */
export const addresses = {
  /** The sidecar's credentials, for the pod alone. */
  credentials: { host: "127.0.0.1", port: 9911 },
  /** The pod's own address, where the kubelet and Prometheus ask. */
  pod: { host: "10.99.0.1", port: 9912 },
  /** The same port inside the pod. */
  loopback: { host: "127.0.0.1", port: 9912 },
  /** Another host: connections from there are not of this pod. */
  outside: "10.99.0.2",
  /** An endpoint that takes connections and never answers. */
  hanging: { host: "127.0.0.1", port: 8081 },
} as const;
