//! Asking a registry whether it is there: `GET /v2/`, as an engine begins.

use std::time::{Duration, Instant};

use ureq::Agent;

use crate::http::{on_thread, settings};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is a registry, and took so long.
    Registry(Duration),
    /// It is a registry, with a certificate that this machine does not trust; Docker may.
    Untrusted(Duration),
    /// Something answered that does not work as one now; its status.
    Status(u16),
    /// Nothing answered; why.
    Nothing(String),
}

/// Asks the registry at `base`, a URL without `/v2/`. With `plain`, HTTP is tried where HTTPS does not answer.
pub async fn ask_registry(base: String, plain: bool) -> Answer {
    let answer = on_thread("registry", move || ask_in_turn(&base, plain)).await;
    answer.unwrap_or_else(Answer::Nothing)
}

fn ask_in_turn(base: &str, plain: bool) -> Answer {
    let first = match ask(base, true) {
        // Nothing is sent that would have to be kept from somebody else.
        Answer::Nothing(words) if words.contains("certificate") => match ask(base, false) {
            Answer::Registry(time) => Answer::Untrusted(time),
            _ => Answer::Nothing(words),
        },
        other => other,
    };
    match (&first, base.strip_prefix("https://")) {
        (Answer::Nothing(_), Some(host)) if plain => match ask(&format!("http://{host}"), true) {
            Answer::Nothing(_) => first,
            second => second,
        },
        _ => first,
    }
}

fn ask(base: &str, verify: bool) -> Answer {
    let begun = Instant::now();
    let url = format!("{}/v2/", base.trim_end_matches('/'));
    match agent(verify).get(&url).call() {
        // 401 asks for a name, which the engine has.
        Ok(answer) => match answer.status().as_u16() {
            200 | 401 => Answer::Registry(begun.elapsed()),
            status => Answer::Status(status),
        },
        Err(error) => Answer::Nothing(error.to_string()),
    }
}

/// A client that takes the proxy that the environment names.
fn agent(verify: bool) -> Agent {
    settings(LIMIT, verify).build().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server that gives one answer to each of so many callers.
    fn server(status: &'static str, callers: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().take(callers) {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            }
        });
        address.to_string()
    }

    async fn is_good(base: String, plain: bool) -> bool {
        matches!(ask_registry(base, plain).await, Answer::Registry(_))
    }

    #[tokio::test]
    async fn a_registry_says_yes_or_asks_who_is_there() {
        for status in ["200 OK", "401 Unauthorized"] {
            assert!(is_good(format!("http://{}", server(status, 1)), false).await);
        }
        let busy = ask_registry(format!("http://{}", server("503 Busy", 1)), false).await;
        assert_eq!(busy, Answer::Status(503));
        let moved = ask_registry(format!("http://{}/", server("302 Found", 1)), false).await;
        assert_eq!(moved, Answer::Status(302));
    }

    #[tokio::test]
    async fn plain_http_is_tried_only_where_it_is_allowed() {
        let address = server("200 OK", 2);
        assert!(is_good(format!("https://{address}"), true).await);
        let address = server("200 OK", 1);
        assert!(matches!(
            ask_registry(format!("https://{address}"), false).await,
            Answer::Nothing(_)
        ));
    }

    /// A registry behind TLS, with a certificate that nobody knows.
    #[cfg(target_os = "linux")]
    fn secure() -> String {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};
        let made =
            backstay_cert::create(&backstay_cert::Request::default(), jiff::Timestamp::now());
        let made = made.unwrap();
        let key = PrivateKeyDer::from_pem_slice(made.pem_key().as_bytes()).unwrap();
        let chain = vec![CertificateDer::from(made.der().to_vec())];
        let config = ServerConfig::builder_with_provider(ring::default_provider().into());
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = std::sync::Arc::new(config.with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let session = ServerConnection::new(config.clone()).unwrap();
                let mut stream = StreamOwned::new(session, stream.unwrap());
                // The first caller hangs up when it sees the certificate.
                if stream.read(&mut [0; 1024]).is_ok() {
                    let _ = stream.write_all(b"HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n");
                }
            }
        });
        format!("https://localhost:{}", address.port())
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_certificate_that_is_not_trusted_is_no_silence() {
        let answer = ask_registry(secure(), false).await;
        assert!(matches!(answer, Answer::Untrusted(_)), "{answer:?}");
    }

    #[tokio::test]
    async fn one_that_is_not_there_is_said_so() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let answer = ask_registry(format!("http://{address}"), false).await;
        assert!(matches!(answer, Answer::Nothing(_)), "{answer:?}");
    }
}
