/** Errors as the SDK, Node and undici throw them, with a canary wherever they hold what upstream said. */

/** Stands for whatever upstream may say: it must not come out again. */
export const CANARY = "canary-5f1e";

export function errorOf(message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), fields);
}

/** An error as the SDK's STS client throws it, with what upstream said in every field that holds it. */
export function stsError(code: string, httpStatusCode: number, name = code): Error {
  return errorOf(`User ${CANARY} is not what it should be`, {
    name,
    $fault: "client",
    $metadata: { httpStatusCode, requestId: CANARY, attempts: 1, totalRetryDelay: 0 },
    Type: "Sender",
    Code: code,
    Error: { Type: "Sender", Code: code, Message: CANARY },
    RequestId: CANARY,
  });
}

/** An error of Node or undici as the SDK's transport passes it on. */
export function networkError(code: string, message = `connect ${code} 127.0.0.1:1`, name = "Error"): Error {
  return errorOf(message, { code, name, $metadata: { attempts: 1, totalRetryDelay: 0 } });
}

export function providerError(message: string, fields: object = {}): Error {
  return errorOf(message, { name: "CredentialsProviderError", ...fields });
}
