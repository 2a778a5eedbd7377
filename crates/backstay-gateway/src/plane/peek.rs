//! What is spoken on a connection, by its first bytes. They are looked at and stay where they are.

use crate::wire::Wire;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a client has that says nothing: then the service speaks first, as those of databases and mail do.
const SILENCE: Duration = Duration::from_millis(200);
/// On a port where HTTP was answered, a client that says nothing is one that has connected beforehand.
const SILENCE_OF_HTTP: Duration = Duration::from_secs(30);
/// How soon to look again where too little has come to decide.
const AGAIN: Duration = Duration::from_millis(5);

/// What every HTTP/2 connection begins with (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const METHODS: [&[u8]; 9] = [
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"TRACE ",
    b"CONNECT ",
];

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoken {
    Http1,
    Http2,
    Other,
}

/// What some first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guess {
    Is(Spoken),
    /// It may still become HTTP.
    Open,
}

/// Looks at a connection of any kind.
pub(super) async fn any(wire: &Wire, spoke_http: bool) -> Spoken {
    let (silence, silent) =
        if spoke_http { (SILENCE_OF_HTTP, Spoken::Http1) } else { (SILENCE, Spoken::Other) };
    decide(wire, Instant::now() + silence).await.unwrap_or(silent)
}

/// Looks at a connection of which it is known that it is HTTP.
pub(super) async fn http(wire: &Wire) -> Spoken {
    match decide(wire, Instant::now() + SILENCE_OF_HTTP).await {
        Some(Spoken::Http2) => Spoken::Http2,
        _ => Spoken::Http1,
    }
}

/// `None`: it has not become clear in time, or the client has left.
async fn decide(wire: &Wire, until: Instant) -> Option<Spoken> {
    let mut buffer = [0; PREFACE.len()];
    let mut before = 0;
    loop {
        let read = timeout_at(until, wire.stream.peek(&mut buffer)).await.ok()?.ok()?;
        match guess(&buffer[..read]) {
            Guess::Is(spoken) => return Some(spoken),
            // The end, after nothing or after too little.
            Guess::Open if read == 0 => return None,
            Guess::Open => {}
        }
        // It stays readable, so the next look would come at once.
        let pause = if read > before { AGAIN } else { AGAIN * 4 };
        before = read;
        if Instant::now() + pause >= until {
            return None;
        }
        sleep(pause).await;
    }
}

fn guess(bytes: &[u8]) -> Guess {
    let fits = |word: &[u8]| {
        let length = word.len().min(bytes.len());
        word[..length] == bytes[..length]
    };
    if let Some(method) = METHODS.iter().find(|method| fits(method)) {
        return if bytes.len() >= method.len() { Guess::Is(Spoken::Http1) } else { Guess::Open };
    }
    if fits(PREFACE) {
        return if bytes.len() >= PREFACE.len() { Guess::Is(Spoken::Http2) } else { Guess::Open };
    }
    Guess::Is(Spoken::Other)
}

#[cfg(test)]
mod tests {
    use super::{Guess, Spoken, guess};

    #[test]
    fn the_first_bytes_say_what_it_is() {
        assert_eq!(guess(b"GET / HTTP/1.1\r\n"), Guess::Is(Spoken::Http1));
        assert_eq!(guess(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Guess::Is(Spoken::Http2));
        assert_eq!(guess(b"\x16\x03\x01\x02\x00\x01"), Guess::Is(Spoken::Other));
        assert_eq!(guess(b"SSH-2.0-x"), Guess::Is(Spoken::Other));
        assert_eq!(guess(b"PRINT"), Guess::Is(Spoken::Other));
    }

    #[test]
    fn too_few_bytes_say_nothing_yet() {
        for bytes in [&b""[..], b"G", b"PO", b"P", b"PRI * HTTP/2.0\r\n"] {
            assert_eq!(guess(bytes), Guess::Open, "{bytes:?}");
        }
    }
}
