//! The AWS SDK for Rust.

use std::env;
use std::time::Instant;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_sdk_sts::error::DisplayErrorContext;
use aws_sdk_sts::{Client, config};

#[tokio::main]
async fn main() {
    let started = Instant::now();
    let defaults = aws_config::load_defaults(BehaviorVersion::latest()).await;
    // On the client and not in the defaults, which the credential providers share.
    let settings = config::Builder::from(&defaults)
        .endpoint_url(env::var("TARGET_URL").expect("TARGET_URL"))
        .retry_config(RetryConfig::disabled());
    let sts = Client::from_conf(settings.build());
    let request = move || {
        let call = sts.get_caller_identity();
        async { call.send().await.map(drop).map_err(|error| DisplayErrorContext(error).to_string()) }
    };
    clients::run("rust", "aws-config", started, request).await;
}
