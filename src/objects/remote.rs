//! Connecting to a cloud's object store, with limits to how long anything may take.
//!
//! A request that meets an error of the server or a broken connection is repeated by the library, for less than a minute;
//! then the caller hears of it. What the library does not repeat (a create whose answer was lost, a body that breaks off)
//! is repeated by [`super::write`] and [`super::read`].

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreScheme, Result, RetryConfig,
};
use url::Url;

/// How often a request is repeated, and for how long.
const RETRIES: usize = 8;
const RETRY_WITHIN: Duration = Duration::from_secs(30);
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(3);
/// A connection must be there, an answer must begin or go on, and a request must be over after so long. The provider's
/// variables change them: `AWS_CONNECT_TIMEOUT`, `AWS_READ_TIMEOUT`, `AWS_TIMEOUT` and likewise.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(20);
const REQUEST_WITHIN: Duration = Duration::from_mins(1);

fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: FIRST_DELAY,
            max_backoff: LONGEST_DELAY,
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: RETRY_WITHIN,
    }
}

fn patience() -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(CONNECT_WITHIN)
        .with_read_timeout(SILENCE)
        .with_timeout(REQUEST_WITHIN)
}

/// The prefix of the provider's variables; `None` where the scheme is not a cloud that we know.
pub(super) fn variables(scheme: &ObjectStoreScheme) -> Option<&'static str> {
    let known = [
        (ObjectStoreScheme::AmazonS3, "AWS_"),
        (ObjectStoreScheme::GoogleCloudStorage, "GOOGLE_"),
        (ObjectStoreScheme::MicrosoftAzure, "AZURE_"),
    ];
    known
        .into_iter()
        .find(|(known, _)| known == scheme)
        .map(|(_, prefix)| prefix)
}

/// Connects; options that the provider does not know are passed over, since platforms inject variables.
pub(super) fn connect(
    scheme: &ObjectStoreScheme,
    url: &Url,
    options: impl Iterator<Item = (String, String)>,
) -> Result<Option<Arc<dyn ObjectStore>>> {
    macro_rules! built {
        ($builder:ty) => {{
            let builder = <$builder>::new()
                .with_url(url.to_string())
                .with_retry(retries())
                .with_client_options(patience());
            let builder = options.fold(builder, |builder, (name, value)| {
                match name.to_ascii_lowercase().parse() {
                    Ok(key) => builder.with_config(key, value),
                    Err(_unknown) => builder,
                }
            });
            Arc::new(builder.build()?) as Arc<dyn ObjectStore>
        }};
    }
    Ok(match scheme {
        ObjectStoreScheme::AmazonS3 => Some(built!(AmazonS3Builder)),
        ObjectStoreScheme::GoogleCloudStorage => Some(built!(GoogleCloudStorageBuilder)),
        ObjectStoreScheme::MicrosoftAzure => Some(built!(MicrosoftAzureBuilder)),
        ObjectStoreScheme::Local | ObjectStoreScheme::Memory | ObjectStoreScheme::Http | _ => None,
    })
}
