# Stands in for the official Node image: Debian, the Node of this checkout, and npm.
ARG DEBIAN
FROM ${DEBIAN}
COPY --from=node bin/node /usr/local/bin/node
COPY --from=npm node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
# The registry and the certificates that npm uses outside.
ARG NPM_REGISTRY
COPY --from=trust certificates.pem /etc/ssl/certificates-outside.pem
ENV npm_config_registry=${NPM_REGISTRY} NODE_EXTRA_CA_CERTS=/etc/ssl/certificates-outside.pem
