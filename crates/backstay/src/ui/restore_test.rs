//! How a restore test ended.

use backstay_core::ops::restore_test::RestoreTest;

use super::{Wording, clean, details, headline};
use crate::i18n::t;

/// What could not be taken away again, as lines.
pub(crate) fn left(tested: &RestoreTest) -> Vec<String> {
    tested.left.iter().map(|line| clean::line(line)).collect()
}

/// Why it did not pass; `None` where it did.
pub(crate) fn why(wording: &Wording, tested: &RestoreTest) -> Option<String> {
    let failure = tested.failure.as_ref()?;
    Some(headline(wording.lang, failure, failure.service.as_slice()))
}

/// The lines at its end; `passed` and `failed` say what was tested, the latter with why.
pub(crate) fn ended(
    wording: &Wording,
    tested: &RestoreTest,
    passed: &str,
    failed: impl FnOnce(&str) -> String,
) -> Vec<String> {
    let lang = wording.lang;
    let warned = |what: String| wording.warning(&t!(lang, "restore-test-left", what = what));
    let mut lines: Vec<String> = left(tested).into_iter().map(warned).collect();
    match (&tested.failure, why(wording, tested)) {
        (Some(failure), Some(why)) => {
            lines.push(wording.bad(&failed(&why)));
            lines.extend(details(wording, failure));
            lines.push(t!(lang, "restore-test-untouched"));
        }
        _ => lines.push(wording.good(passed)),
    }
    lines
}
