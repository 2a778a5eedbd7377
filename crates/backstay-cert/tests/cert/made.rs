//! Certificates that the tests share, and calls of other programs.

use std::process::{Command, Output};
use std::sync::LazyLock;

use backstay_cert::{Certificate, Encryption, Request, create};
use jiff::Timestamp;

pub(crate) const PLAIN: &str = "correct horse 7";
pub(crate) const WIDE: &str = "pä ss 密码";
pub(crate) const BOTH: [Encryption; 2] = [Encryption::Modern, Encryption::Legacy];

/// One certificate for all tests that need just any.
pub(crate) static ANY: LazyLock<Certificate> =
    LazyLock::new(|| create(&Request::default(), Timestamp::now()).unwrap());

/// One PFX file of each encryption: deriving keys is slow by intent.
pub(crate) static PFX: LazyLock<[Vec<u8>; 2]> =
    LazyLock::new(|| BOTH.map(|encryption| ANY.to_pfx(PLAIN, encryption, "shop").unwrap()));

/// Runs a program in a UTF-8 locale; `None`, and a word to the reader, where it is not installed.
pub(crate) fn run(program: &str, arguments: &[&str], password: &str) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C.UTF-8").env("TEST_PASSWORD", password);
    match command.output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("`{program}` is not installed: not tested with it");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// What a program that succeeded printed.
pub(crate) fn printed(output: &Output) -> String {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    format!("{out}\n{err}")
}
