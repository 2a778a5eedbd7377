//! The lock file: another process may be writing it, or it is of another version.

use backstay_core::lock::Holder;

/// Reads who has a lock. There is always somebody, and what was read is written and read as the same.
pub fn holder(bytes: &[u8]) {
    let holder = Holder::read(&String::from_utf8_lossy(bytes));
    assert!(holder.to_string().contains(&holder.command));
    let text = serde_json::to_string(&holder).expect("a holder has a JSON form");
    assert_eq!(Holder::read(&text), holder);
}
