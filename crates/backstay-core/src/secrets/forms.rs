//! The forms in which a value turns up in text: as it is, escaped, percent-encoded, in base64.

use std::collections::BTreeSet;

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};

/// The shortest piece of base64 that is looked for: a shorter one turns up by accident.
const SHORTEST: usize = 8;

/// All forms of a value, itself among them.
pub(super) fn forms(value: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([value.to_owned()]);
    // Compose writes a dollar sign twice.
    forms.insert(value.replace('$', "$$"));
    let json = serde_json::to_string(value).unwrap_or_default();
    let json = json.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    forms.extend(json.map(str::to_owned));
    forms.extend(json.map(|text| text.replace('\\', "\\\\")));
    forms.insert(value.replace('\'', "''"));
    for (kept, space) in [("-_.~", "%20"), ("-_.~", "+"), ("-_.!~*'()", "%20"), ("-_.~/:", "%20")] {
        let encoded = percent(value, kept, space);
        forms.insert(lower_hex(&encoded));
        forms.insert(encoded);
    }
    for shift in 0..3 {
        forms.extend(base64::<Base64Unpadded>(value, shift));
        forms.extend(base64::<Base64UrlUnpadded>(value, shift));
    }
    forms
}

fn percent(value: &str, kept: &str, space: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || kept.contains(c) {
            out.push(c);
        } else if byte == b' ' {
            out.push_str(space);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn lower_hex(encoded: &str) -> String {
    let mut after = 3;
    let lower = |c: char| {
        after = if c == '%' { 0 } else { after + 1 };
        if after <= 2 { c.to_ascii_lowercase() } else { c }
    };
    encoded.chars().map(lower).collect()
}

/// What base64 of a longer text holds wherever the value begins `shift` bytes behind a multiple of three, without the
/// characters that its neighbours decide too.
fn base64<E: Encoding>(value: &str, shift: usize) -> Option<String> {
    let mut bytes = vec![0; shift];
    bytes.extend(value.as_bytes());
    let encoded = E::encode_string(&bytes);
    let piece = encoded.get((shift * 8).div_ceil(6)..bytes.len() * 8 / 6)?;
    (piece.len() >= SHORTEST).then(|| piece.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_wherever_the_value_stands() {
        let forms = forms("s3cret/päss w0rd");
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = format!("{before}s3cret/päss w0rd{after}");
                for encoded in [
                    Base64Unpadded::encode_string(text.as_bytes()),
                    Base64UrlUnpadded::encode_string(text.as_bytes()),
                ] {
                    assert!(forms.iter().any(|form| encoded.contains(form)), "{text}");
                }
            }
        }
    }

    #[test]
    fn escapes_of_urls_json_and_compose_are_forms() {
        let forms = forms("a$b\"c d&é");
        for form in
            ["a$$b\"c d&é", "a$b\\\"c d&é", "a%24b%22c%20d%26%C3%A9", "a%24b%22c+d%26%c3%a9"]
        {
            assert!(forms.contains(form), "{form} is not in {forms:?}");
        }
    }
}
