//! What matters in the words of a builder that failed: which service, and why.

use backstay_core::event::{Cause, Failure};

use crate::ui::{clean, width};

/// The most columns of an error line.
const COLUMNS: usize = 160;

/// A part of an error line that is longer than this and has no space in it is a checksum or an id.
const ID: usize = 20;

/// The service whose build failed. All services are built by one call, so that only the words tell:
/// `> [manager-api 2/2] COPY …`.
pub(super) fn service(failure: &Failure) -> Option<String> {
    if let Some(service) = &failure.service {
        return Some(clean::line(service));
    }
    let Cause::Build { message } = &failure.cause else { return None };
    message.split('[').skip(1).find_map(|part| {
        let (inside, _) = part.split_once(']')?;
        let mut words = inside.split_whitespace();
        let (first, last) = (words.next()?, words.next_back()?);
        (last == "internal" || is_step(last)).then(|| clean::line(first))
    })
}

/// The builder's essential line: what follows the last `failed to solve:`, else the first line that is not the name of a
/// step; without checksums.
pub(super) fn essence(message: &str) -> Option<String> {
    let lines = clean::lines(message);
    let solved = lines.iter().rev().find_map(|line| line.rsplit_once("failed to solve: "));
    let line = match solved {
        Some((_, why)) => why,
        None => lines.iter().map(|line| line.trim()).find(|line| is_an_error(line))?,
    };
    Some(width::fit(&without_ids(line), COLUMNS))
}

fn is_an_error(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("> [") && !line.starts_with("---")
}

/// `2/3`
fn is_step(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.split_once('/').is_some_and(|(step, of)| is_number(step) && is_number(of))
}

/// Clauses that only say of which checksum something is said become `…`.
fn without_ids(line: &str) -> String {
    let has_id = |clause: &str| {
        clause.split([' ', ':']).any(|word| {
            word.len() > ID && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    let mut out: Vec<&str> = Vec::new();
    let mut elided = false;
    for clause in line.split(": ") {
        if has_id(clause) {
            elided = true;
        } else {
            out.push(if elided { "…" } else { clause });
            if elided {
                out.push(clause);
            }
            elided = false;
        }
    }
    if elided {
        out.push("…");
    }
    out.join(": ").replace("…: ", "… ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(message: &str) -> Failure {
        Failure::new(Cause::Build { message: message.to_owned() })
    }

    #[test]
    fn the_step_names_the_service() {
        let named = |message| service(&failure(message));
        assert_eq!(named(" > [two 3/3] COPY nofile /:\nx").as_deref(), Some("two"));
        assert_eq!(named(" > [two build 1/3] RUN x:").as_deref(), Some("two"));
        assert_eq!(named(" > [two internal] load build definition:").as_deref(), Some("two"));
        assert_eq!(named("array[1] of 2/3"), None);
    }

    #[test]
    fn the_essential_line_has_no_checksums() {
        let copy = " > [two 3/3] COPY nofile /:\nfailed to solve: failed to compute cache key: failed to calculate \
                    checksum of ref 0f9b6d1a-8df3-4a9b-9c3e-5f1dd1a4d8a1::q1w2e3r4t5y6u7i8o9p0asdfg: \"/nofile\": not found";
        assert_eq!(
            essence(copy).as_deref(),
            Some("failed to compute cache key: … \"/nofile\": not found")
        );
        let run = " > [two 2/2] RUN make:\n0.2 boom\nfailed to solve: process \"/bin/sh -c make\" did not complete \
                   successfully: exit code: 2";
        let words = "process \"/bin/sh -c make\" did not complete successfully: exit code: 2";
        assert_eq!(essence(run).as_deref(), Some(words));
        assert_eq!(essence(" > [a 1/1] X:\n\nno such file").as_deref(), Some("no such file"));
        assert_eq!(essence(""), None);
    }
}
