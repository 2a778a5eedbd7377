//! PFX files, also known as PKCS#12 (RFC 7292). Their ASN.1 and their ciphers are libraries'; here stands which of them
//! belong together.

mod bags;
mod cipher;
mod derive;
mod failure;
mod mac;
mod names;
mod open;
mod password;
mod pbes1;
mod pbes2;
mod rounds;
mod write;

pub(crate) use open::{Opened, open};

/// How the contents of a PFX file are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encryption {
    /// PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC, HMAC-SHA-256 over it: OpenSSL 1.0 and later, .NET on Linux and
    /// macOS, Windows 10 1709 and later, Java 8u301 and later.
    #[default]
    Modern,
    /// PBE-SHA1-3DES, HMAC-SHA-1 over it: for programs that read nothing newer, as Windows Server 2016. Weak.
    Legacy,
}
