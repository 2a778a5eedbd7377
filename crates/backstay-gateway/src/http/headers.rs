//! What a proxy does to headers, and no more: RFC 9110 (7.6) for both sides of a listener, and what says who asked for the
//! outside.

use hyper::header::{
    CONNECTION, EXPECT, FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING,
    UPGRADE,
};
use hyper::{Method, Request, Uri, Version};
use std::fmt::Write;
use std::net::IpAddr;
use std::time::Duration;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
/// As many bytes of headers are taken.
pub(super) const HEADERS: u32 = 64 << 10;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The protocol that a request or an answer wants to go on with.
pub(super) fn upgrade(headers: &HeaderMap, version: Version) -> Option<HeaderValue> {
    if version != Version::HTTP_11 || !names(headers, "upgrade") {
        return None;
    }
    headers.get(UPGRADE).cloned()
}

/// Whether the client waits for `100 Continue` before it sends the body.
pub(super) fn expects_continue<B>(request: &Request<B>) -> bool {
    let expects = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    request.version() == Version::HTTP_11 && request.headers().get(EXPECT).is_some_and(expects)
}

/// Takes away what is between two neighbours only, and puts back the upgrade where there is one.
pub(super) fn strip(headers: &mut HeaderMap, upgrade: Option<HeaderValue>) {
    if let Some(connection) = headers.get(CONNECTION) {
        // What nearly everyone sends names no header.
        let plain = [&b"keep-alive"[..], b"close", b"upgrade"];
        if !plain.iter().any(|word| connection.as_bytes().eq_ignore_ascii_case(word))
            || headers.get_all(CONNECTION).iter().count() > 1
        {
            strip_named(headers);
        }
        headers.remove(CONNECTION);
    }
    headers.remove(KEEP_ALIVE);
    headers.remove(PROXY_CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    headers.remove(UPGRADE);
    if headers.contains_key(TE) {
        let trailers = names_in(headers, TE, "trailers");
        headers.remove(TE);
        if trailers {
            headers.insert(TE, HeaderValue::from_static("trailers"));
        }
    }
    if let Some(upgrade) = upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, upgrade);
    }
}

/// Says who asked, for what, and how. `shown` is the client's address as a header has it.
pub(super) fn say_who(headers: &mut HeaderMap, uri: &Uri, peer: IpAddr, shown: &HeaderValue) {
    let host = headers.get(HOST).cloned();
    let host = host.or_else(|| HeaderValue::try_from(uri.authority()?.as_str()).ok());
    match headers.contains_key(FORWARDED_FOR) {
        false => drop(headers.insert(FORWARDED_FOR, shown.clone())),
        true => append(headers, FORWARDED_FOR, &peer.to_string()),
    }
    if !headers.contains_key(FORWARDED_PROTO) {
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    }
    if headers.contains_key(FORWARDED) {
        let mut element = match peer {
            IpAddr::V4(four) => format!("for={four};proto=http"),
            IpAddr::V6(six) => format!("for=\"[{six}]\";proto=http"),
        };
        let plain = host.as_ref().and_then(|host| host.to_str().ok());
        if let Some(host) = plain.filter(|host| !host.contains(['"', '\\'])) {
            let _ = write!(element, ";host=\"{host}\"");
        }
        append(headers, FORWARDED, &element);
    }
    if let Some(host) = host.filter(|_| !headers.contains_key(FORWARDED_HOST)) {
        headers.insert(FORWARDED_HOST, host);
    }
}

/// One more element of a list, in one line.
fn append(headers: &mut HeaderMap, name: HeaderName, element: &str) {
    let mut all = Vec::new();
    for value in headers.get_all(&name) {
        all.extend_from_slice(value.as_bytes());
        all.extend_from_slice(b", ");
    }
    all.extend_from_slice(element.as_bytes());
    if let Ok(value) = HeaderValue::from_bytes(&all) {
        headers.insert(name, value);
    }
}

/// HTTP/1 to a service: the path alone, as it would come without a gateway.
pub(super) fn to_origin_form<B>(request: &mut Request<B>) {
    if request.headers().contains_key(HOST) {
        *request.version_mut() = Version::HTTP_11;
    }
    if request.uri().scheme().is_none() || request.method() == Method::CONNECT {
        return;
    }
    if let Some(path) = request.uri().path_and_query()
        && let Ok(uri) = Uri::try_from(path.as_str())
    {
        *request.uri_mut() = uri;
    }
}

/// For how long the service says that it keeps an unused connection.
pub(super) fn kept_for(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(KEEP_ALIVE)?.to_str().ok()?;
    let timeout = value.split(',').find_map(|part| part.trim().strip_prefix("timeout="))?;
    timeout.trim().parse().ok().map(Duration::from_secs)
}

fn strip_named(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        // What says where the body ends is not up to the client.
        .filter(|name| *name != hyper::header::CONTENT_LENGTH && *name != HOST && *name != TE)
        .collect();
    for name in named {
        headers.remove(name);
    }
}

fn names(headers: &HeaderMap, word: &str) -> bool {
    names_in(headers, CONNECTION, word)
}

fn names_in(headers: &HeaderMap, header: HeaderName, word: &str) -> bool {
    headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.split(';').next().unwrap_or(part).trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn what_is_between_neighbours_is_taken_away() {
        let mut map = headers(&[
            ("connection", "X-Secret, keep-alive"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers, deflate;q=0.5"),
            ("upgrade", "h2c"),
            ("host", "a"),
            ("trailer", "x-sum"),
        ]);
        strip(&mut map, None);
        assert_eq!(map, headers(&[("te", "trailers"), ("host", "a"), ("trailer", "x-sum")]));
    }

    #[test]
    fn the_length_of_a_body_can_not_be_named_away() {
        let mut map = headers(&[
            ("connection", "content-length, host"),
            ("content-length", "3"),
            ("host", "a"),
        ]);
        strip(&mut map, None);
        assert_eq!(map, headers(&[("content-length", "3"), ("host", "a")]));
    }

    #[test]
    fn an_upgrade_stays() {
        let mut map = headers(&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")]);
        let wanted = upgrade(&map, Version::HTTP_11);
        assert!(upgrade(&map, Version::HTTP_10).is_none());
        strip(&mut map, wanted);
        assert_eq!(map, headers(&[("connection", "Upgrade"), ("upgrade", "websocket")]));
    }

    #[test]
    fn the_client_is_appended_to_those_before_it() {
        let mut map = headers(&[
            ("host", "shop.example"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=1.2.3.4"),
        ]);
        let shown = HeaderValue::from_static("::1");
        say_who(&mut map, &Uri::from_static("/"), "::1".parse().unwrap(), &shown);
        assert_eq!(map["x-forwarded-for"], "1.2.3.4, ::1");
        assert_eq!(map["x-forwarded-proto"], "https");
        assert_eq!(map["x-forwarded-host"], "shop.example");
        assert_eq!(map["forwarded"], "for=1.2.3.4, for=\"[::1]\";proto=http;host=\"shop.example\"");
    }

    #[test]
    fn what_the_service_says_of_its_patience_is_heard() {
        let of = |value| kept_for(&headers(&[("keep-alive", value)]));
        assert_eq!(of("timeout=5, max=100"), Some(Duration::from_secs(5)));
        assert_eq!(of("max=100"), None);
    }
}
