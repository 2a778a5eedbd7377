//! Variables in a compose file: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`.

use std::collections::BTreeMap;

/// Puts values in the place of variables.
///
/// # Errors
/// For a variable that must be set, what its message says.
pub(super) fn interpolate(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some((body, tail)) =
            rest.strip_prefix('{').and_then(|rest| rest.split_once('}'))
        {
            out.push_str(&braced(body, values)?);
            rest = tail;
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (name, tail) = rest.split_at(end.unwrap_or(rest.len()));
            out.push_str(values.get(name).map_or("", String::as_str));
            rest = tail;
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn braced(body: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let end = body.find([':', '-', '?']).unwrap_or(body.len());
    let (name, how) = body.split_at(end);
    let value = values.get(name);
    let filled = value.filter(|value| !value.is_empty() || !how.starts_with(':')).cloned();
    let how = how.trim_start_matches(':');
    match (how.strip_prefix('-'), how.strip_prefix('?')) {
        (Some(default), _) => Ok(filled.unwrap_or_else(|| default.to_owned())),
        (_, Some(message)) => {
            filled.ok_or_else(|| format!("required variable {name} is missing a value: {message}"))
        }
        _ => Ok(value.cloned().unwrap_or_default()),
    }
}

/// The variables of an env file.
pub(super) fn variables(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_filled_in() {
        let values = variables("# a comment\nA=1\nEMPTY=\n");
        let filled = |text| interpolate(text, &values);
        assert_eq!(
            filled("$A ${A} ${B:-2} ${EMPTY:-3} ${EMPTY-4} $$A $B."),
            Ok("1 1 2 3  $A .".into())
        );
        assert!(filled("${B:?set it}").is_err_and(|error| error.contains("set it")));
    }
}
