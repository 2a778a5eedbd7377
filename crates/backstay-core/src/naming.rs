//! The names of what is not live: candidates, rehearsals, containers that are kept for an undo, tags of a run's builds.

/// What follows a container's own name while it is not live; a run's id comes after it.
const MARKS: [&str; 4] = [".new-", ".rehearsal-", ".old-", ".warm-"];

/// What a candidate's name, or a rehearsal's, ends with.
pub(crate) fn candidate_suffix(run: &str, rehearsal: bool) -> String {
    format!("{}{run}", MARKS[usize::from(rehearsal)])
}

/// The name of an old container until the commit.
pub(crate) fn kept_name(name: &str, run: &str) -> String {
    format!("{name}{}{run}", MARKS[2])
}

/// The name of an old container that stays up for a while after the commit.
pub(crate) fn warm_name(name: &str, run: &str) -> String {
    format!("{name}{}{run}", MARKS[3])
}

/// Whether this is the name of an old container that stays up for a while after the commit.
#[must_use]
pub fn is_warm(name: &str) -> bool {
    name.strip_prefix(live_name(name)).is_some_and(|mark| mark.starts_with(MARKS[3]))
}

/// The tag of a run's build: no other stack's run and no user has it.
pub(crate) fn build_tag(project: &str, run: &str, number: usize) -> String {
    format!("{}:{run}-{number}", build_repository(project))
}

/// The repository of the tags of a project's builds.
pub(crate) fn build_repository(project: &str) -> String {
    format!("backstay-build/{project}")
}

/// The repository of the tags that hold images while a release of a project is restored for a test.
pub(crate) fn restore_repository(project: &str) -> String {
    format!("backstay-restore/{project}")
}

/// The name of the mark on the engine that a run works on a project.
#[must_use]
pub fn claim_name(project: &str) -> String {
    format!("backstay-run-{project}")
}

/// The run that a name which is not that of a live container belongs to.
#[must_use]
pub fn run_of(name: &str) -> Option<&str> {
    let own = live_name(name);
    let mark = name.strip_prefix(own)?.get(1..)?;
    mark.split_once('-').map(|(_, run)| run)
}

/// Whether this is the name of an old container that is kept until the commit.
#[must_use]
pub fn is_kept(name: &str) -> bool {
    name.strip_prefix(live_name(name)).is_some_and(|mark| mark.starts_with(MARKS[2]))
}

/// The tag that keeps an image on the engine until it is in the vault of a project.
#[must_use]
pub fn keep_tag(project: &str, image: &str) -> String {
    let hex = image.rsplit(':').next().unwrap_or(image);
    format!("backstay-keep/{project}:{hex}")
}

/// Whether this is the name of a candidate, a rehearsal, or a container that is kept for an undo.
#[must_use]
pub fn is_temporary(name: &str) -> bool {
    live_name(name) != name
}

/// The name that a container has while it is live.
#[must_use]
pub fn live_name(name: &str) -> &str {
    for mark in MARKS {
        if let Some(at) = name.rfind(mark) {
            let run = &name[at + mark.len()..];
            // A person's own name may hold such a mark too; a run's id begins with a digit and has no dot.
            let is_run = run.starts_with(|c: char| c.is_ascii_digit())
                && run.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            if is_run && at > 0 {
                return &name[..at];
            }
        }
    }
    name
}

/// A name that every file system takes. Engines of old have colons in their ids.
pub(crate) fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_names() {
        assert_eq!(live_name("shop-web-1.new-20240129_143052"), "shop-web-1");
        assert_eq!(live_name("shop-web-1.rehearsal-20240129_143052-2"), "shop-web-1");
        assert_eq!(live_name("web.old-20240129_143052"), "web");
        assert_eq!(live_name("my.new-app"), "my.new-app");
        assert_eq!(live_name("shop-web-1"), "shop-web-1");
        assert_eq!(run_of("web.old-20240129_143052"), Some("20240129_143052"));
        assert_eq!(
            (run_of("web"), is_kept("web.old-1"), is_kept("web.new-1")),
            (None, true, false)
        );
        assert!(is_temporary("a.old-1") && !is_temporary("a-1"));
        assert!(is_warm(&warm_name("web", "1")) && !is_kept("web.warm-1") && !is_warm("web.old-1"));
    }
}
