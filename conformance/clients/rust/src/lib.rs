//! What the programs share: sends REQUESTS requests through one client and prints how that went.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

struct Outcome {
    took_ms: f64,
    at_ms: f64,
    error: Option<String>,
}

/// Sends the requests from CONCURRENCY tasks; `started` is when main began.
pub async fn run<F, R>(client: &str, package: &str, started: Instant, request: F)
where
    F: Fn() -> R + Clone + Send + 'static,
    R: Future<Output = Result<(), String>> + Send,
{
    let requests = number("REQUESTS", 1);
    let pace = Duration::from_millis(number("PACE_MS", 0) as u64);
    let begun = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..number("CONCURRENCY", 1) {
        let (begun, request) = (begun.clone(), request.clone());
        tasks.spawn(async move {
            let mut outcomes = Vec::new();
            while begun.fetch_add(1, Ordering::Relaxed) < requests {
                let began = Instant::now();
                let error = request().await.err();
                outcomes.push(Outcome { took_ms: ms(began), at_ms: ms(started), error });
                tokio::time::sleep(pace).await;
            }
            outcomes
        });
    }
    report(client, package, tasks.join_all().await.into_iter().flatten().collect());
}

fn report(client: &str, package: &str, mut outcomes: Vec<Outcome>) {
    outcomes.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
    let (errors, successes): (Vec<_>, Vec<_>) = outcomes.iter().partition(|outcome| outcome.error.is_some());
    let mut times: Vec<f64> = outcomes.iter().map(|outcome| outcome.took_ms).collect();
    times.sort_by(f64::total_cmp);
    let percentile = |percent| times[(times.len() - 1) * percent / 100];
    let text = |outcome: &Outcome| outcome.error.as_ref().map(|text| text.chars().take(300).collect::<String>());
    let line = json!({
        "client": client,
        "version": version(package),
        "requests": outcomes.len(),
        "failed": errors.len(),
        "p50Ms": percentile(50),
        "p99Ms": percentile(99),
        "firstError": errors.first().and_then(|outcome| text(outcome)),
        "firstErrorAtMs": errors.first().map(|outcome| outcome.at_ms),
        "lastErrorAtMs": errors.last().map(|outcome| outcome.at_ms),
        "firstSuccessAtMs": successes.first().map(|outcome| outcome.at_ms),
    });
    println!("{line}");
}

/// From the lock file, for the crates export no version of themselves.
fn version(package: &str) -> &'static str {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = include_str!("../Cargo.lock").split_once(&entry).expect("a locked package");
    rest.split('"').next().expect("its version")
}

fn number(name: &str, default: usize) -> usize {
    env::var(name).map_or(default, |value| value.parse().expect(name))
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_micros() as f64 / 1000.0
}
