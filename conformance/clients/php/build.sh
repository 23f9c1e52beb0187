#!/bin/sh
# async-aws as Debian 13 has it: the one of Debian 12 (1.18.1) knows no AWS_CONTAINER_CREDENTIALS_FULL_URI.
set -eu
cd "$(dirname "$0")"
. ../unpack.sh
unpack ../../build/php <<packages
e4f65d78db996b4da7fc9e4764c62e4106698f8de3d5f7d01694fa708775d96d pool/main/p/php-async-aws-core/php-async-aws-core_1.25.0-1_all.deb
82e39b0b9ce15b45cf2de9c8d9b0db3b69651dae0972c41c4414186e9baa0f00 pool/main/p/php-psr-cache/php-psr-cache_3.0.0-4_all.deb
c89c2ceed501d29a14a8611d8c78c2ae2a4112b222dfa227acfaa2d2d7817818 pool/main/p/php-psr-log/php-psr-log_3.0.2-2_all.deb
cb4e2d7764b00ef2279c6e08efdd4296a89360bad6c0e22da3ce6abd53dee2a3 pool/main/p/php-psr-container/php-psr-container_1.1.2-1_all.deb
dac050f4ba15ed0587c07727646ef12eb40eb4ba6116faa44a12f983100170df pool/main/p/php-symfony-contracts/php-symfony-deprecation-contracts_3.5.2-5_all.deb
87ffe315470d0eb6a33e1afa6db25edd9a19b8364e566e850bfd720cb845d97d pool/main/s/symfony/php-symfony-http-client_6.4.50+dfsg-0+deb13u1_all.deb
1e3aee529148f6ba76aca097c2e612eb52893f2a27129597455e7cd49cde4cfe pool/main/p/php-symfony-contracts/php-symfony-http-client-contracts_3.5.2-5_all.deb
7b6ea5554ea23bf4f65e83c8b4347b7c5430f7c9c322cba75de4b869b0e251b3 pool/main/p/php-symfony-contracts/php-symfony-service-contracts_3.5.2-5_all.deb
packages
