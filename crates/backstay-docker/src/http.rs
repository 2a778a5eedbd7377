//! What all requests over HTTP have in common: what the system trusts is trusted, and no redirect is followed.

use std::time::Duration;

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::typestate::AgentScope;

/// The settings of a request that may take so long. Without `verify`, any certificate will do.
pub(crate) fn settings(limit: Duration, verify: bool) -> ConfigBuilder<AgentScope> {
    let provider =
        if cfg!(target_os = "linux") { TlsProvider::Rustls } else { TlsProvider::NativeTls };
    let tls = TlsConfig::builder()
        .provider(provider)
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
