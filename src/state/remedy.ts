/** What ends every fault of the state file. */
export const stateFileRemedy =
  "mount a volume that is memory (an emptyDir with medium: Memory) into the sidecar's container alone, and let SIDECAR_STATE_FILE name a file in a directory below it that the sidecar creates, such as /var/run/aws-credential-sidecar/private/state.json; SIDECAR_STATE_MEDIUM=any allows a disk";
