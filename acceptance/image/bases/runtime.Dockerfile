# Stands in for distroless/nodejs: what Node needs of Debian, and Node. No shell, no package manager.
ARG DEBIAN
FROM ${DEBIAN} AS debian
RUN mkdir -p /reduced/usr \
 && for link in /lib*; do mkdir "/reduced/usr$link" && cp -a "$link" /reduced; done \
 && for package in base-files libatomic1 libc6 libgcc-s1 libstdc++6 tzdata; do dpkg -L "$package"; done \
  | grep -vE '^/usr/share/(doc|man|lintian|locale|info|common-licenses)|^/(bin|sbin|usr/bin|usr/sbin)(/|$)' \
  | while read -r path; do \
      if [ -L "$path" ] || [ ! -d "$path" ]; then cp -a --parents "$path" /reduced || exit 1; \
      else mkdir -p "/reduced$path"; fi; \
    done \
 && cp -a --parents /etc/ssl/certs/ca-certificates.crt /reduced \
 && echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' > /reduced/etc/passwd \
 && echo 'nonroot:x:65532:' > /reduced/etc/group \
 && mkdir -p /reduced/home/nonroot

FROM scratch
COPY --from=debian /reduced /
COPY --from=node bin/node /nodejs/bin/node
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532
ENTRYPOINT ["/nodejs/bin/node"]
