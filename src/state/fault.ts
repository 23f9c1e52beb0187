import { NotPrivateError } from "./private-file.ts";

/** Why the state file is not kept or used, in words that complete "the state file PATH …". */
export function stateFaultOf(thrown: unknown): string {
  if (thrown instanceof NotPrivateError) return thrown.message;
  return `cannot be used (${(thrown as NodeJS.ErrnoException).code ?? "failed"})`;
}
