//! What Compose makes of a stack's files.

use std::collections::BTreeMap;

use backstay_core::engine::EngineResult;
use backstay_core::stack::StackRef;

use super::command::Compose;

const ACTION: &str = "reading the stack";

/// The resolved model, as YAML: with `--format json` the extensions of services are lost.
pub(crate) async fn model(stack: &StackRef) -> EngineResult<String> {
    Compose::new(stack).run(["config"]).stdout(ACTION).await
}

/// Compose's hash of each active service.
pub(crate) async fn hashes(stack: &StackRef) -> EngineResult<BTreeMap<String, String>> {
    let output = Compose::new(stack).run(["config", "--hash", "*"]).stdout(ACTION).await?;
    Ok(parse_hashes(&output))
}

/// The names of all services, those of inactive profiles too.
pub(crate) async fn all_services(stack: &StackRef) -> EngineResult<Vec<String>> {
    let every = Compose::new(stack).flags(["--profile", "*"]).run(["config", "--services"]);
    let output = every.stdout(ACTION).await?;
    let mut names: Vec<String> =
        output.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    names.sort();
    Ok(names)
}

fn parse_hashes(output: &str) -> BTreeMap<String, String> {
    let pairs = output.lines().filter_map(|line| line.trim().split_once(' '));
    pairs.map(|(name, hash)| (name.to_owned(), hash.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_read_line_by_line() {
        let hashes = parse_hashes("web 123abc\ndb 456def\n\n");
        assert_eq!(hashes.len(), 2);
        assert_eq!(hashes["web"], "123abc");
    }
}
