//! object_store. It has no switch for the retries of its requests alone: a rejected one (4xx) it does not repeat.

use std::env;
use std::sync::Arc;
use std::time::Instant;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

#[tokio::main]
async fn main() {
    let started = Instant::now();
    // Without this file it passes over the container protocol, even when no token is asked for.
    let token_file = env::var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").unwrap_or("/dev/null".into());
    let mut builder = AmazonS3Builder::from_env()
        .with_endpoint(env::var("TARGET_URL").expect("TARGET_URL"))
        .with_allow_http(true)
        .with_bucket_name("bucket")
        .with_config(AmazonS3ConfigKey::ContainerAuthorizationTokenFile, token_file);
    // It does not read this variable, and appends paths that begin with a slash.
    if let Ok(imds) = env::var("AWS_EC2_METADATA_SERVICE_ENDPOINT") {
        builder = builder.with_metadata_endpoint(imds.trim_end_matches('/'));
    }
    let store: Arc<dyn ObjectStore> = Arc::new(builder.build().expect("a store"));
    let request = move || {
        let store = store.clone();
        async move {
            let object = store.get(&Path::from("key")).await.map_err(|error| error.to_string())?;
            object.bytes().await.map(drop).map_err(|error| error.to_string())
        }
    };
    clients::run("object-store", "object_store", started, request).await;
}
