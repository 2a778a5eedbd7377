//! A `GET` request to a container.

use std::net::SocketAddr;
use std::time::Duration;

use backstay_core::stack::Http;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use crate::http::{on_thread, settings};

/// How much of a body is looked at, in bytes.
const BODY_LIMIT: u64 = 1 << 20;

/// Asks; an error says what was wrong with the answer.
pub(super) async fn get(wanted: &Http, address: SocketAddr, limit: Duration) -> Result<(), String> {
    let wanted = wanted.clone();
    on_thread("health check", move || ask(&wanted, address, limit)).await?
}

fn ask(wanted: &Http, address: SocketAddr, limit: Duration) -> Result<(), String> {
    let agent = agent(wanted.insecure, address, limit);
    let mut answer = agent.get(&wanted.url).call().map_err(|error| reason(&error))?;
    let status = answer.status().as_u16();
    if !wanted.allows(status) {
        return Err(format!("status {status}"));
    }
    let Some(text) = &wanted.body else { return Ok(()) };
    let body = answer.body_mut().with_config().limit(BODY_LIMIT).read_to_vec();
    let body = body.map_err(|error| reason(&error))?;
    if String::from_utf8_lossy(&body).contains(text.as_str()) {
        return Ok(());
    }
    Err(format!("status {status}, but the body does not contain what is expected"))
}

/// In few words.
fn reason(error: &Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

fn agent(insecure: bool, address: SocketAddr, limit: Duration) -> Agent {
    let config = settings(limit, !insecure).proxy(None).build();
    Agent::with_parts(config, DefaultConnector::default(), Fixed(address))
}

/// Whatever the name in the URL, the address is the container's.
#[derive(Debug)]
struct Fixed(SocketAddr);

impl Resolver for Fixed {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    struct Server(Child);

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn wanted(insecure: bool) -> Http {
        Http {
            url: "https://localhost/status".to_owned(),
            port: 443,
            status: Vec::new(),
            body: Some("Ciphers".to_owned()),
            insecure,
        }
    }

    /// A server with a certificate of its own; `None` where there is no OpenSSL to make one.
    fn server() -> Option<(Server, SocketAddr, tempfile::TempDir)> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).display().to_string();
        let (key, certificate) = (file("key.pem"), file("cert.pem"));
        let words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"];
        let made = Command::new("openssl")
            .args(words)
            .args(["-keyout", &key, "-out", &certificate])
            .output()
            .ok()?;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &address.to_string()])
            .args(["-key", &key, "-cert", &certificate])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Server(child);
        while std::net::TcpStream::connect(address).is_err() {
            assert!(server.0.try_wait().unwrap().is_none(), "the server has ended");
        }
        Some((server, address, folder))
    }

    #[test]
    fn a_self_signed_certificate_is_taken_only_where_that_is_allowed() {
        let Some((_server, address, _folder)) = server() else { return };
        let limit = Duration::from_secs(30);
        ask(&wanted(true), address, limit).unwrap();
        let refused = ask(&wanted(false), address, limit).unwrap_err();
        assert!(refused.to_lowercase().contains("cert"), "{refused}");
    }
}
