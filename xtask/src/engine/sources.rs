//! The machine's own package sources, written again for the next release.
//!
//! The result names the same servers and keys as the file it was made from, so it works behind
//! whatever mirror the machine uses.

/// The suites of a release that packages come from; `-backports` is not wanted.
pub(crate) const PARTS: &[&str] = &["", "-updates", "-security"];

/// A `.sources` file (deb822). Stanzas without a suite of `from` are left out. Of a release `parts` are taken.
pub(super) fn deb822(text: &str, from: &str, to: &str, parts: &[&str]) -> String {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let text = lines.collect::<Vec<_>>().join("\n");
    let stanzas = text.split("\n\n").filter_map(|stanza| {
        let (mut found, mut out) = (false, String::new());
        let mut in_suites = false;
        for line in stanza.lines().filter(|line| !line.trim().is_empty()) {
            if !line.starts_with([' ', '\t']) {
                in_suites = line.to_ascii_lowercase().starts_with("suites:");
            }
            if in_suites {
                let (name, suites) = line.split_once(':').unwrap_or(("", line));
                let renamed: Vec<_> = suites
                    .split_whitespace()
                    .filter_map(|suite| rename(suite, from, to, parts))
                    .collect();
                found |= !renamed.is_empty();
                let colon = if name.is_empty() { "" } else { ":" };
                out.push_str(&format!("{name}{colon} {}\n", renamed.join(" ")));
            } else {
                out.push_str(line);
                out.push('\n');
            }
        }
        found.then_some(out)
    });
    stanzas.collect::<Vec<_>>().join("\n")
}

/// A `sources.list` file: its `deb` lines for `from` that offer `main`.
pub(super) fn one_line(text: &str, from: &str, to: &str, parts: &[&str]) -> String {
    let lines = text.lines().filter_map(|line| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let rest = line.strip_prefix("deb ")?.trim_start();
        // Options stand in brackets and may hold blanks.
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']').map(|(o, rest)| (format!("[{o}] "), rest))?,
            None => (String::new(), rest),
        };
        let mut words = rest.split_whitespace();
        let (uri, suite) = (words.next()?, words.next()?);
        let components: Vec<_> = words.collect();
        let suite = rename(suite, from, to, parts).filter(|_| components.contains(&"main"))?;
        Some(format!("deb {options}{uri} {suite} {}\n", components.join(" ")))
    });
    lines.collect()
}

fn rename(suite: &str, from: &str, to: &str, parts: &[&str]) -> Option<String> {
    let part = suite.strip_prefix(from)?;
    parts.contains(&part).then(|| format!("{to}{part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deb822_keeps_servers_and_keys() {
        let text = "# a comment\nTypes: deb\nURIs: mirror/debian\nSuites: bookworm bookworm-updates \
                    bookworm-backports\nComponents: main\nSigned-By: /key.gpg\n\nTypes: deb\n\
                    URIs: mirror/other\nSuites: stable\nComponents: main\n\nTypes: deb\n\
                    URIs: mirror/security\nSuites:\n bookworm-security\nComponents: main\n";
        let expected = "Types: deb\nURIs: mirror/debian\nSuites: trixie trixie-updates\n\
                        Components: main\nSigned-By: /key.gpg\n\nTypes: deb\nURIs: mirror/security\n\
                        Suites: \n trixie-security\nComponents: main\n";
        assert_eq!(deb822(text, "bookworm", "trixie", PARTS), expected);
    }

    #[test]
    fn one_line_sources_keep_their_options() {
        let text = "deb mirror/debian bookworm main contrib # the main one\n\
                    deb [signed-by=/key.gpg arch=amd64] mirror/debian bookworm-updates main\n\
                    deb-src mirror/debian bookworm main\n# deb mirror/debian bookworm main\n\
                    deb mirror/vendor bookworm stable\ndeb mirror/debian bookworm-backports main\n";
        let expected = "deb mirror/debian trixie main contrib\n\
                        deb [signed-by=/key.gpg arch=amd64] mirror/debian trixie-updates main\n";
        assert_eq!(one_line(text, "bookworm", "trixie", PARTS), expected);
    }

    #[test]
    fn a_release_without_updates_has_itself_only() {
        let text = "Types: deb\nSuites: bookworm bookworm-updates\nComponents: main\n\n\
                    Types: deb\nSuites: bookworm-security\nComponents: main\n";
        let expected = "Types: deb\nSuites: sid\nComponents: main\n";
        assert_eq!(deb822(text, "bookworm", "sid", &[""]), expected);
    }

    #[test]
    fn nothing_of_that_release_gives_nothing() {
        assert_eq!(deb822("Types: deb\nSuites: sid\n", "bookworm", "trixie", PARTS), "");
        assert_eq!(one_line("deb mirror sid main\n", "bookworm", "trixie", PARTS), "");
    }
}
