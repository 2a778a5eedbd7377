//! The images that a Dockerfile begins from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::reference::{self, Dollars};
use super::service::Service;

/// An image that a build needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Base {
    /// Its reference.
    pub image: String,
    /// Whether it is the syntax of the file: such a one comes from its registry every time.
    pub syntax: bool,
}

/// The images that the build of a service begins from, those that named contexts take the place of left out. `None` where its
/// Dockerfile can't be read here: a context may be fetched.
pub fn build_bases(
    service: &Service,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Option<BTreeSet<Base>> {
    let build = service.raw.get("build")?;
    let text = |key: &str| build.get(key).and_then(Value::as_str);
    let dockerfile = match text("dockerfile_inline") {
        Some(inline) => unescaped(inline),
        None => {
            let context = Path::new(text("context")?);
            // Compose writes the name of the file where none is given; BuildKit takes this one for it, too.
            let name = text("dockerfile").unwrap_or("Dockerfile");
            read(&context.join(name)).or_else(|| {
                (name == "Dockerfile").then(|| read(&context.join("dockerfile"))).flatten()
            })?
        }
    };
    let arguments = build.get("args").and_then(Value::as_object).into_iter().flatten();
    let arguments = arguments.filter_map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!value.is_empty() && value != "null").then(|| (name.clone(), unescaped(&value)))
    });
    let named = service.build_contexts();
    let mut found = bases(&dockerfile, &arguments.collect());
    found.retain(|base| !named.contains_key(&base.image));
    Some(found)
}

/// A text of the resolved model: Compose writes a dollar sign twice there.
fn unescaped(text: &str) -> String {
    text.replace("$$", "$")
}

/// The images of `FROM`, `COPY --from` and `# syntax=`, with the values of build arguments put in.
fn bases(text: &str, arguments: &BTreeMap<String, String>) -> BTreeSet<Base> {
    let mut found = BTreeSet::new();
    let mut known = arguments.clone();
    let mut stages: Vec<String> = Vec::new();
    found.extend(syntax(text));
    for line in instructions(text) {
        let mut words = line.split_whitespace();
        let Some(instruction) = words.next() else { continue };
        let words: Vec<&str> = words.collect();
        match instruction.to_ascii_uppercase().as_str() {
            // Only those before the first `FROM` count for `FROM`.
            "ARG" if stages.is_empty() => {
                for (name, value) in words.iter().filter_map(|word| word.split_once('=')) {
                    let value = value.trim_matches(['"', '\'']).to_owned();
                    known.entry(name.to_owned()).or_insert(value);
                }
            }
            "FROM" => {
                let mut words = words.iter().filter(|word| !word.starts_with("--"));
                let image = words.next().and_then(|word| filled(word, &known));
                found.extend(image.and_then(|image| image_of(&image, &stages)));
                let name = words.nth(1).map(|name| name.to_lowercase());
                stages.push(name.unwrap_or_default());
            }
            "COPY" | "RUN" => {
                let from = words.iter().filter_map(|word| {
                    let (_, rest) = word.split_once("from=")?;
                    rest.split(',').next()
                });
                for image in from.filter_map(|word| filled(word, &known)) {
                    found.extend(image_of(&image, &stages));
                }
            }
            _ => {}
        }
    }
    found
}

/// `# syntax=docker/dockerfile:1`, which may stand only at the top.
fn syntax(text: &str) -> Option<Base> {
    let comments = text.lines().take_while(|line| line.trim_start().starts_with('#'));
    let mut values = comments.filter_map(|line| {
        let (name, value) = line.trim_start().trim_start_matches('#').split_once('=')?;
        (name.trim().eq_ignore_ascii_case("syntax")).then(|| value.trim().to_owned())
    });
    values.next().map(|image| Base { image, syntax: true })
}

/// Lines without comments, those that end with `\` joined.
fn instructions(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        match line.trim_end().strip_suffix('\\') {
            Some(part) => {
                open.push_str(part);
                open.push(' ');
            }
            None => lines.push(std::mem::take(&mut open) + line),
        }
    }
    lines.push(open);
    lines
}

fn image_of(image: &str, stages: &[String]) -> Option<Base> {
    let is_stage = stages.iter().any(|stage| *stage == image.to_lowercase());
    let is_number = image.chars().all(|c| c.is_ascii_digit());
    let is_image = !image.is_empty() && image != "scratch" && !is_stage && !is_number;
    is_image.then(|| Base { image: image.to_owned(), syntax: false })
}

/// The word with the values of its variables; `None` where one is not known.
fn filled(word: &str, known: &BTreeMap<String, String>) -> Option<String> {
    let value = |name: &str| known.get(name).cloned();
    reference::filled(word.trim_matches('"'), Dollars::Plain, &value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_scratch_and_what_is_not_known_are_no_images() {
        let text = "# syntax=docker/dockerfile:1\n# FROM comment\nARG TAG=8.0\nARG BASE\n\
                    FROM --platform=$BUILDPLATFORM mcr.test/sdk:${TAG} AS Build\n\
                    RUN --mount=type=bind,from=tools.test/x:1,target=/x \\\n  true\n\
                    FROM build AS next\nFROM ${BASE}\nFROM ${OTHER:-alpine}:$TAG\nFROM ${OTHER-debian}:1\nFROM scratch\n\
                    COPY --from=build /a /a\nCOPY --from=0 /b /b\nCOPY --from=nginx:1 /c /c\n";
        let images: Vec<String> =
            bases(text, &BTreeMap::new()).into_iter().map(|base| base.image).collect();
        let wanted = [
            "alpine:8.0",
            "debian:1",
            "docker/dockerfile:1",
            "mcr.test/sdk:8.0",
            "nginx:1",
            "tools.test/x:1",
        ];
        assert_eq!(images, wanted);
        let given =
            BTreeMap::from([("TAG".to_owned(), "9".to_owned()), ("BASE".into(), "b:2".into())]);
        let found = bases(text, &given);
        for image in ["mcr.test/sdk:9", "b:2"] {
            assert!(found.contains(&Base { image: image.to_owned(), syntax: false }), "{image}");
        }
    }
}
