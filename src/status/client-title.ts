/** What people call a client, beside the code that settings, metrics and the log have for it. Pure. */
import type { ClientName } from "../policy/clients.ts";

const titles: Readonly<Record<ClientName, string>> = {
  "java-v1.11": "AWS SDK for Java 1.11",
  "java-v1": "AWS SDK for Java 1",
  "java-v2": "AWS SDK for Java 2",
  botocore: "boto3 or the AWS CLI",
  "botocore-1": "boto3 or the AWS CLI",
  "go-v1": "AWS SDK for Go 1",
  "go-v2": "AWS SDK for Go 2",
  prometheus: "Prometheus",
  "js-v2": "AWS SDK for JavaScript 2",
  "js-v3": "AWS SDK for JavaScript 3",
  rust: "AWS SDK for Rust",
  crt: "AWS Common Runtime",
  cpp: "AWS SDK for C++",
  clickhouse: "ClickHouse",
  "dotnet-v3": "AWS SDK for .NET 3",
  "dotnet-v3.7.202": "AWS SDK for .NET 3",
  "dotnet-v4": "AWS SDK for .NET 4",
  php: "AWS SDK for PHP",
  ruby: "AWS SDK for Ruby",
  kotlin: "AWS SDK for Kotlin",
  swift: "AWS SDK for Swift",
  "minio-go": "MinIO client for Go",
  "minio-js": "MinIO client for JavaScript",
  "minio-py": "MinIO client for Python",
  "minio-java": "MinIO client for Java",
  "object-store": "object_store (Rust)",
  icechunk: "Icechunk",
  reqsign: "OpenDAL",
  s3fs: "s3fs",
  s3cmd: "s3cmd",
  pgbackrest: "pgBackRest",
  "fluent-bit": "Fluent Bit",
  envoy: "Envoy",
  "nginx-s3-gateway": "NGINX S3 Gateway",
  gdal: "GDAL",
  victoriametrics: "VictoriaMetrics",
  "fog-aws": "fog for Ruby",
  "async-aws": "AsyncAws for PHP",
  "ex-aws": "ExAws for Elixir",
  "aws-credentials-erlang": "aws_credentials for Erlang",
  erlcloud: "erlcloud",
  kong: "Kong",
  cognitect: "Cognitect's aws-api for Clojure",
  amazonka: "amazonka for Haskell",
  soto: "Soto for Swift",
  "paws-perl": "Paws for Perl",
  "paws-r": "paws for R",
  aiodynamo: "aiodynamo",
  "mongo-c": "MongoDB driver for C",
  lance: "Lance",
};

/** What sends only the name of its language's HTTP library, or none. */
const families: Readonly<Record<string, string>> = {
  "python-urllib3": "boto3 or another Python program",
  aiohttp: "aiobotocore or another Python program",
  "ruby-net-http": "AWS SDK or another program in Ruby",
  okhttp: "AWS SDK for Kotlin or another program on the JVM",
  guzzle: "AWS SDK or another program in PHP",
  "go-http": "A Go program",
  "python-httpx": "aiodynamo or another Python program",
  symfony: "AsyncAws or another program in PHP",
  rclone: "rclone",
  curl: "curl",
  "no-agent-no-accept": "AWS SDK for JavaScript 3 or a program that sends no name",
  "no-agent": "A program that sends no name",
  other: "A program that is in no table",
};

/** The name itself where nobody knows more. */
export function clientTitle(name: string): string {
  const known: Readonly<Record<string, string>> = Object.hasOwn(titles, name) ? titles : families;
  return Object.hasOwn(known, name) ? (known[name] ?? name) : name;
}

/** `AWS SDK for Java 2 (java-v2)`: for sentences, which must also say what metrics and settings call it. */
export function titleWithName(name: string): string {
  const title = clientTitle(name);
  return title.toLowerCase() === name ? title : `${title} (${name})`;
}
