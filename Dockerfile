# The image: one bundle on a base that has Node and nothing to run beside it.
#
#   docker build -t aws-credential-sidecar .
#
# How Node is started, and why: MiB of anonymous memory when idle, under 64 kept connections, and under 64 that are
# made anew for each read (web identity as upstream, Node 26.10), and ms of CPU until a bare server is ready.
#
#   nothing                               23 / 43 / 100, 67 ms
#   --max-semi-space-size=1               22 / 37 /  71, 68 ms: the young heap, which is thrice 16 MiB otherwise
#   and --max-old-space-size=32           21 / 33 /  42, 66 ms: the first full collection comes sooner
#   and --no-concurrent-recompilation     21 / 23 /  32, 67 ms: no optimising compiler on threads of its own
#
# Kept besides: V8's compiled code of the bundle, in the image (145 ms to 115 ms of CPU until ready with the AWS SDK).
# Files called .mjs, which Node does not compile as CommonJS first, and TZ, without which it reads all of
# /usr/share/zoneinfo at the first local time (together from 101 ms to 76 ms until ready with a container endpoint, and
# what the bundle leaves out of pino, and loads of OpenSSL and the AWS SDK only when it is needed, to 62 ms).
# Tried and left out: --single-threaded (as small, but 108 ms, for Node then drops the compiled code of its own),
# --no-opt, --max-lazy and --no-flush-bytecode (114 ms and more, the same reason), --jitless (a fifth of the reads per
# second of CPU), --permission (6 ms, 0.5 MiB and a warning at each start, and a profile's credential_process must be
# let out of it anyhow), --single-threaded-gc, --v8-pool-size=0, --no-wasm-tier-up, MALLOC_ARENA_MAX=1 and
# UV_THREADPOOL_SIZE=1 (no difference beyond noise), and V8's start-up snapshot (docs/benchmarks.md says why).
#
# Each base is a stage of its own, with its reference written out, so that updaters see it; a build where neither registry
# is reached replaces both: `--build-context build-base=… --build-context runtime-base=…`. acceptance/image makes both from
# Debian packages, and is where all figures come from; the bases below were never pulled there, and amd64 is all that was
# built. Whatever Node the runtime base brings is the one that runs, and the one whose cache is warmed.
FROM --platform=$BUILDPLATFORM docker.io/library/node:26.10.0-trixie-slim@sha256:ec7758ee051e457b468b32bde57b0879010b325bb9862718e9615225ce4aaae1 AS build-base
FROM gcr.io/distroless/nodejs26-debian13:nonroot@sha256:afc6657a4b662f9cb69ca892b0596e55d6ef81a10e83ee8887b13f602877df89 AS runtime-base

# The bundle is JavaScript and the same for each architecture: built once, on the builder's own.
FROM build-base AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY scripts ./scripts
COPY src ./src
RUN node scripts/build.ts && node scripts/notices.ts > THIRD-PARTY-NOTICES.txt

# Runs what was built, as it will run, so that V8's compiled code of it is kept beside it.
FROM runtime-base AS warm
COPY --from=build --chown=65532:65532 /build/dist /app
COPY --from=build /build/scripts/warm.js /
USER 65532:65532
ENV NODE_COMPILE_CACHE=/app/compiled
RUN ["/nodejs/bin/node", "--max-semi-space-size=1", "--max-old-space-size=32", "--no-concurrent-recompilation", "/warm.js", "/app/main.mjs"]

FROM runtime-base
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="aws-credential-sidecar" \
      org.opencontainers.image.description="Keeps AWS credentials fresh in one place per pod and serves them on localhost." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED
COPY LICENSE /
COPY --from=build /build/THIRD-PARTY-NOTICES.txt /
COPY --from=build /build/dist /app
# Node makes its cache readable for its own user alone. Here root owns it, so that the program cannot change its own code.
COPY --from=warm --chown=0:0 --chmod=0555 /app/compiled /app/compiled
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/compiled TZ=UTC
# A number: Kubernetes' runAsNonRoot cannot check a name.
USER 65532:65532
EXPOSE 9911 9912
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=1", "--max-old-space-size=32", "--no-concurrent-recompilation", "/app/main.mjs"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["/nodejs/bin/node", "--max-semi-space-size=1", "--max-old-space-size=32", "--no-concurrent-recompilation", "/app/main.mjs", "healthcheck"]
