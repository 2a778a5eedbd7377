//! A password in the forms in which keys are derived from it.

use zeroize::Zeroizing;

/// A password, as PBES2 takes it and as the older derivation of RFC 7292 does.
pub(super) struct Password<'a> {
    /// As UTF-8.
    pub(super) text: &'a str,
    /// In UCS-2, the high byte first, with a zero at the end (RFC 7292, appendix B.1).
    pub(super) wide: Zeroizing<Vec<u8>>,
}

impl<'a> Password<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // As large as it can become: a vector that grows leaves copies behind.
        let mut wide = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        for unit in text.encode_utf16().chain([0]) {
            wide.extend(unit.to_be_bytes());
        }
        Self { text, wide }
    }

    /// What a file may have been written with for this text. No password is written in two ways: as a text of no
    /// characters, which has a zero at its end, and as nothing at all.
    pub(super) fn forms(text: &'a str) -> Vec<Self> {
        let mut forms = vec![Self::new(text)];
        if text.is_empty() {
            forms.push(Self { text, wide: Zeroizing::default() });
        }
        forms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wide_form_ends_at_a_zero_and_never_grew() {
        let password = Password::new("a密");
        assert_eq!(*password.wide, [0, b'a', 0x5b, 0xc6, 0, 0]);
        assert_eq!(password.wide.capacity(), 2 * "a密".len() + 2);
        let forms: Vec<_> = Password::forms("").iter().map(|form| form.wide.to_vec()).collect();
        assert_eq!(forms, [vec![0, 0], vec![]]);
        assert_eq!(Password::forms("a").len(), 1);
    }
}
