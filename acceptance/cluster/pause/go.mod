module aws-credential-sidecar.test/pause

go 1.26.0
