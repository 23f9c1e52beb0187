/** In the volume that all manifests mount. */
const PATH = "/var/run/aws-credential-sidecar/private/state.json";

/** The line that goes with it; undefined where it is written already. */
export function stateFileLine(path: string): string | undefined {
  return path === PATH ? undefined : `SIDECAR_STATE_FILE=${PATH}`;
}

/** What ends every fault of the state file. */
export const stateFileRemedy = `mount a volume that is memory (an emptyDir with medium: Memory) into the sidecar's container alone, and let SIDECAR_STATE_FILE name a file in a directory below it that the sidecar creates, such as ${PATH}; SIDECAR_STATE_MEDIUM=any allows a disk`;
