/** Error codes that the AWS SDK knows. Generated from @smithy/core by `npm run generate`. */

export const THROTTLING_ERROR_CODES: readonly string[] = [
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
];

export const TRANSIENT_ERROR_CODES: readonly string[] = ["TimeoutError", "RequestTimeout", "RequestTimeoutException"];
