//! What all requests over HTTP have in common: what the system trusts is trusted, no redirect is followed, and nobody has to
//! wait for the answer.

#[cfg(target_os = "linux")]
use std::sync::{Arc, LazyLock};
use std::time::Duration;

#[cfg(target_os = "linux")]
use rustls::crypto::CryptoProvider;
use tokio::sync::oneshot;
use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::tls::{RootCerts, TlsConfig, TlsConfigBuilder, TlsProvider};
use ureq::typestate::AgentScope;

/// The settings of a request that may take so long. Without `verify`, any certificate will do.
pub(crate) fn settings(limit: Duration, verify: bool) -> ConfigBuilder<AgentScope> {
    let tls = provider(TlsConfig::builder())
        .root_certs(RootCerts::PlatformVerifier)
        .disable_verification(!verify);
    Agent::config_builder()
        .timeout_global(Some(limit))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("backstay/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls.build())
}

#[cfg(target_os = "linux")]
fn provider(tls: TlsConfigBuilder) -> TlsConfigBuilder {
    static RING: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
    tls.provider(TlsProvider::Rustls).unversioned_rustls_crypto_provider(Arc::clone(&RING))
}

#[cfg(not(target_os = "linux"))]
fn provider(tls: TlsConfigBuilder) -> TlsConfigBuilder {
    tls.provider(TlsProvider::NativeTls)
}

/// Asks on a thread of its own. It has a limit of its own, too, and goes on alone where its caller does not want to wait any
/// more. An error says why there is no answer.
pub(crate) async fn on_thread<T: Send + 'static>(
    name: &str,
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (sender, receiver) = oneshot::channel();
    let asking = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _ = sender.send(ask());
    });
    asking.map_err(|error| error.to_string())?;
    receiver.await.map_err(|error| error.to_string())
}
