/**
 * An authority that stands in for Sigstore's, which is not reached here: it certifies a key for an identity, as Fulcio
 * does for a workflow that shows GitHub's token. There is no transparency log.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const openssl = (...args: readonly string[]) => run("openssl", args);
const cosign = fileURLToPath(new URL("build/cosign", import.meta.url));

/** Of the key's file, which lasts as long as the test. */
const PASSWORD = { COSIGN_PASSWORD: "fake-password" };

/** Whose token a workflow showed, in the extension that cosign reads (github.com/sigstore/fulcio, docs/oid-info.md). */
const ISSUER = "https://token.actions.githubusercontent.com";
const ISSUER_OID = "1.3.6.1.4.1.57264.1.1";

/** The newer format of signatures has no place for an authority that is not Sigstore's. */
const FORMAT = { COSIGN_NEW_BUNDLE_FORMAT: "false" };

export interface Signer {
  /** For cosign, which takes each of its flags from a variable too: sign with this key and certificate, without a log. */
  readonly signing: Readonly<Record<string, string>>;
  /** Trust this authority, and expect no log. */
  readonly verifying: Readonly<Record<string, string>>;
}

/** `identity` is the address of a workflow at a tag. */
export async function signAs(folder: string, identity: string): Promise<Signer> {
  const at = (name: string): string => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-subj", "/CN=authority.test", "-addext", "keyUsage=critical,keyCertSign"];
  await openssl("req", "-x509", ...key, ...authority, "-days", "1", "-keyout", at("ca.key"), "-out", at("ca.pem"));
  await openssl("req", "-new", ...key, "-subj", "/", "-keyout", at("signer.key"), "-out", at("signer.csr"));
  const extensions = [
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=codeSigning",
    `subjectAltName=critical,URI:${identity}`,
    `${ISSUER_OID}=DER:${Buffer.from(ISSUER).toString("hex")}`,
  ];
  writeFileSync(at("signer.ext"), `${extensions.join("\n")}\n`);
  const by = [
    "-CA",
    at("ca.pem"),
    "-CAkey",
    at("ca.key"),
    "-CAcreateserial",
    "-days",
    "1",
    "-extfile",
    at("signer.ext"),
  ];
  await openssl("x509", "-req", "-in", at("signer.csr"), ...by, "-out", at("signer.pem"));
  await run(cosign, ["import-key-pair", "--key", at("signer.key"), "--output-key-prefix", at("imported")], {
    env: PASSWORD,
  });
  return {
    signing: {
      ...PASSWORD,
      COSIGN_KEY: at("imported.key"),
      COSIGN_CERTIFICATE: at("signer.pem"),
      COSIGN_CERTIFICATE_CHAIN: at("ca.pem"),
      ...FORMAT,
      COSIGN_USE_SIGNING_CONFIG: "false",
      COSIGN_TLOG_UPLOAD: "false",
    },
    verifying: {
      ...FORMAT,
      COSIGN_CA_ROOTS: at("ca.pem"),
      COSIGN_INSECURE_IGNORE_TLOG: "true",
      COSIGN_INSECURE_IGNORE_SCT: "true",
    },
  };
}
