<?php

/**
 * async-aws: sends REQUESTS requests through one client and prints how that went. PHP has no threads, so those of
 * CONCURRENCY come one after the other, at the rate that they would have.
 */

declare(strict_types=1);

use AsyncAws\Core\Sts\StsClient;

require_once 'AsyncAws/Core/autoload.php';

$started = hrtime(true);
$since = static fn (int $moment): float => round((hrtime(true) - $moment) / 1e6, 3);
$requests = (int) getenv('REQUESTS');
$pauseUs = intdiv((int) getenv('PACE_MS') * 1000, max(1, (int) getenv('CONCURRENCY')));

// It has no switch for the retries of its requests alone: a rejected one (403) it does not repeat.
$sts = new StsClient(['endpoint' => getenv('TARGET_URL'), 'region' => getenv('AWS_REGION')]);

// It says nowhere which release it is; the package that was unpacked does.
[$package] = glob(__DIR__ . '/../../build/php/php-async-aws-core_*.deb');
$version = preg_match('/core_([\d.]+)/', $package, $match) === 1 ? $match[1] : '';

$times = [];
$errors = [];
$successes = [];
for ($turn = 0; $turn < $requests; ++$turn) {
    $began = hrtime(true);
    try {
        $sts->getCallerIdentity()->resolve();
        $successes[] = $since($started);
    } catch (Throwable $error) {
        $errors[] = [$since($started), substr($error::class . ': ' . $error->getMessage(), 0, 300)];
    }
    $times[] = $since($began);
    usleep($pauseUs);
}

sort($times);
$percentile = static fn (int $percent): float => $times[intdiv((count($times) - 1) * $percent, 100)];
echo json_encode([
    'client' => 'async-aws',
    'version' => $version,
    'requests' => count($times),
    'failed' => count($errors),
    'p50Ms' => $percentile(50),
    'p99Ms' => $percentile(99),
    'firstError' => $errors[0][1] ?? null,
    'firstErrorAtMs' => $errors[0][0] ?? null,
    'lastErrorAtMs' => $errors === [] ? null : end($errors)[0],
    'firstSuccessAtMs' => $successes[0] ?? null,
], JSON_INVALID_UTF8_SUBSTITUTE), "\n";
