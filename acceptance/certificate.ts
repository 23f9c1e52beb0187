import { execFile } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** A certificate for an address and its key, as PEM files in this folder that containers may read too. */
export async function selfSigned(
  folder: string,
  address = "127.0.0.1",
): Promise<{ readonly key: string; readonly certificate: string }> {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const subject = ["-subj", `/CN=${address}`, "-addext", `subjectAltName=IP:${address}`];
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  await promisify(execFile)("openssl", ["req", "-x509", ...made, ...subject, "-keyout", key, "-out", certificate]);
  chmodSync(folder, 0o755);
  chmodSync(key, 0o644);
  return { key, certificate };
}
