//! The few headers that matter on the way.

/// A header, by what is to be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Connection,
    ContentLength,
    ContentType,
    ForwardedFor,
    ForwardedHost,
    ForwardedProto,
    Host,
    KeepAlive,
    ProxyConnection,
    TransferEncoding,
    /// What makes a request more than a plain one.
    Special,
    /// It passes as it is.
    Other,
}

/// Which it is.
pub(super) fn name(text: &str) -> Name {
    let is = |name: &str| text.eq_ignore_ascii_case(name);
    match text.len() {
        2 if is("te") => Name::Special,
        4 if is("host") => Name::Host,
        6 if is("expect") => Name::Special,
        7 if is("upgrade") || is("trailer") => Name::Special,
        9 if is("forwarded") => Name::Special,
        10 if is("connection") => Name::Connection,
        10 if is("keep-alive") => Name::KeepAlive,
        12 if is("content-type") => Name::ContentType,
        14 if is("content-length") => Name::ContentLength,
        14 if is("http2-settings") => Name::Special,
        15 if is("x-forwarded-for") => Name::ForwardedFor,
        16 if is("x-forwarded-host") => Name::ForwardedHost,
        16 if is("proxy-connection") => Name::ProxyConnection,
        17 if is("x-forwarded-proto") => Name::ForwardedProto,
        17 if is("transfer-encoding") => Name::TransferEncoding,
        _ => Name::Other,
    }
}

/// The elements of a list, without the space around them.
pub(super) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|part| !part.is_empty())
}

/// A header's line.
pub(super) fn line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}
