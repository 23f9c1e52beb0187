/** Why connections are ended before their peers want it. Stable codes: they are metric labels and log fields. */
export const dropReasons = ["evicted", "full", "unread", "pipelined"] as const;
export type DropReason = (typeof dropReasons)[number];

export const listenerNames = ["credentials", "admin"] as const;
export type ListenerName = (typeof listenerNames)[number];
