//! The check itself: all registries side by side.

use backstay_core::ports::Images;
use std::collections::BTreeSet;
use std::time::Duration;

use backstay_core::stack::Base;
use backstay_docker::{Answer, ask_registry};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::super::about::About;
use super::super::daemon_json::Mirror;
use super::super::finding::Finding;
use super::wanted::wanted;
use crate::errors::Exit;
use crate::errors::registry::is_here;
use crate::i18n::t;

/// Seconds after which an answer is slow.
const SLOW: Duration = Duration::from_secs(3);

/// What did not answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unreachable {
    /// The default registry: the one that `registry-mirrors` serves.
    pub(crate) default: bool,
    /// Others.
    pub(crate) others: bool,
}

/// The default registry, as the engine knows it.
struct Hub {
    name: String,
    url: Option<String>,
    mirrors: Vec<String>,
}

/// Asks the registries of the stack's images, the engine's mirrors, and those that the user thinks of.
pub(crate) async fn check(about: &About, thought_of: &[Mirror]) -> (Vec<Finding>, Unreachable) {
    let default = default(about);
    let name = default.as_ref().map(|default| default.name.as_str());
    let wanted = about.model.as_ref().map(|model| wanted(model, name)).unwrap_or_default();
    let mirrors = async {
        let answers = thought_of.iter().map(|mirror| ask_registry(mirror.url().to_owned(), false));
        join_all(answers).await
    };
    let registries = join_all(wanted.iter().map(async |(registry, images)| match registry {
        Some(registry) => Some(other(about, registry, images).await),
        None => match &default {
            Some(default) => Some(standard(about, default, images).await),
            // Only the engine knows where it is.
            None => None,
        },
    }));
    let (registries, mirrors) = join(registries, mirrors).await;
    let mut unreachable = Unreachable::default();
    for ((registry, _), found) in wanted.iter().zip(&registries) {
        let is_gone = found.as_ref().is_some_and(|(_, is_gone)| *is_gone);
        match registry {
            None => unreachable.default |= is_gone,
            Some(_) => unreachable.others |= is_gone,
        }
    }
    let mut findings: Vec<Finding> =
        registries.into_iter().flatten().map(|(finding, _)| finding).collect();
    let thought_of = thought_of.iter().zip(&mirrors);
    findings.extend(thought_of.map(|(m, answer)| mirror(about, m.url(), answer)));
    (findings, unreachable)
}

/// A registry that references name. Returns whether it did not answer, too.
async fn other(about: &About, registry: &str, images: &BTreeSet<Base>) -> (Finding, bool) {
    let lang = about.lang;
    let answer = ask_registry(format!("https://{registry}"), is_plain(about, registry)).await;
    if let Answer::Registry(time) = answer {
        return (reached(about, registry, time), false);
    }
    match answer {
        Answer::Untrusted(time) if is_plain(about, registry) || has_own_certificate(registry) => {
            return (reached(about, registry, time), false);
        }
        _ => {}
    }
    let finding = missed(about, registry, &answer, images, None).await;
    if matches!(answer, Answer::Untrusted(_)) {
        return (finding.hint(t!(lang, "doctor-hint-untrusted", registry = registry)), false);
    }
    if is_here(registry) {
        return (finding.hint(t!(lang, "doctor-hint-local-registry", registry = registry)), true);
    }
    let finding = match default(about).map(|default| default.name) {
        Some(default) => finding.hint(t!(
            lang,
            "doctor-hint-other-registry",
            registry = registry,
            default = &default
        )),
        None => finding,
    };
    (finding, true)
}

/// The default registry: where it does not answer, one of the engine's mirrors is enough.
async fn standard(about: &About, default: &Hub, images: &BTreeSet<Base>) -> (Finding, bool) {
    let lang = about.lang;
    let own = async {
        match &default.url {
            Some(url) => ask_registry(url.clone(), false).await,
            None => Answer::Nothing(t!(lang, "doctor-registry-unknown")),
        }
    };
    let mirrors = default.mirrors.iter().map(|url| {
        let url = url.trim_end_matches('/');
        ask_registry(url.to_owned(), true)
    });
    let (own, mirrors) = join(own, join_all(mirrors)).await;
    if let Answer::Registry(time) = own {
        return (reached(about, &default.name, time), false);
    }
    let answered = default.mirrors.iter().zip(&mirrors).find_map(|(url, answer)| match answer {
        Answer::Registry(time) => Some((url, time)),
        _ => None,
    });
    if let Some((url, time)) = answered {
        let millis = millis(*time);
        let text = t!(
            lang,
            "doctor-registry-by-mirror",
            registry = &default.name,
            mirror = url,
            millis = millis
        );
        let data = json!({"registry": default.name, "mirror": url, "millis": millis});
        return (Finding::good("registries", text).facts(data), false);
    }
    let finding = missed(about, &default.name, &own, images, default.mirrors.first()).await;
    (finding.hint(t!(lang, "doctor-hint-mirrors")), true)
}

fn mirror(about: &About, url: &str, answer: &Answer) -> Finding {
    let lang = about.lang;
    let text = match answer {
        Answer::Registry(time) => {
            let millis = millis(*time);
            let text = t!(lang, "doctor-mirror", mirror = url, millis = millis);
            return Finding::good("mirrors", text).facts(json!({"mirror": url, "millis": millis}));
        }
        Answer::Status(status) => {
            t!(lang, "doctor-mirror-status", mirror = url, status = status.to_string())
        }
        _ => t!(lang, "doctor-mirror-missed", mirror = url),
    };
    let finding = Finding::warning("mirrors", text).details(words(answer));
    finding.hint(t!(lang, "doctor-hint-other-mirror")).facts(json!({"mirror": url}))
}

fn reached(about: &About, registry: &str, time: Duration) -> Finding {
    let lang = about.lang;
    let millis = millis(time);
    let data = json!({"registry": registry, "millis": millis});
    let text = t!(lang, "doctor-registry", registry = registry, millis = millis);
    if time > SLOW {
        let finding = Finding::warning("registries", text);
        return finding.hint(t!(lang, "doctor-hint-slow")).facts(data);
    }
    Finding::good("registries", text).facts(data)
}

/// A registry that does not answer is bad where something has to come from it.
async fn missed(
    about: &About,
    registry: &str,
    answer: &Answer,
    images: &BTreeSet<Base>,
    mirror: Option<&String>,
) -> Finding {
    let lang = about.lang;
    let text = match answer {
        Answer::Status(status) => {
            t!(lang, "doctor-registry-status", registry = registry, status = status.to_string())
        }
        Answer::Untrusted(_) => t!(lang, "doctor-registry-untrusted", registry = registry),
        _ => t!(lang, "doctor-registry-missed", registry = registry),
    };
    let mut missing = Vec::new();
    for base in images {
        let is_here = matches!(about.engine.image(&base.image).await, Ok(Some(_)));
        if base.syntax || !is_here {
            missing.push(base.image.clone());
        }
    }
    let mut finding = if missing.is_empty() {
        Finding::warning("registries", text)
    } else {
        Finding::bad("registries", Exit::Machine, text)
    };
    finding = finding.details(words(answer));
    let line = if missing.is_empty() {
        t!(lang, "doctor-registry-not-needed")
    } else {
        t!(lang, "doctor-registry-needed", images = missing.join(", "))
    };
    let silent = mirror.map(|url| t!(lang, "doctor-mirror-missed", mirror = url));
    let data = json!({"registry": registry, "missing": missing});
    finding.details(silent.into_iter().chain([line]).collect()).facts(data)
}

fn words(answer: &Answer) -> Vec<String> {
    match answer {
        Answer::Nothing(words) => vec![crate::ui::clean::line(words)],
        _ => Vec::new(),
    }
}

fn default(about: &About) -> Option<Hub> {
    let info = &about.facts()?.info;
    let configs = info.pointer("/RegistryConfig/IndexConfigs").and_then(Value::as_object)?;
    let official =
        |config: &Value| config.get("Official").and_then(Value::as_bool).unwrap_or(false);
    let (name, config) = configs.iter().find(|(_, config)| official(config))?;
    let mirrors = config.get("Mirrors").and_then(Value::as_array).into_iter().flatten();
    let address = info.get("IndexServerAddress").and_then(Value::as_str);
    // `https://…/v1/` is what the engine calls it; its host speaks version 2 as well.
    let url = address.map(|address| {
        let end = address.find("://").map_or(0, |at| at + 3);
        let host = address[end..].split('/').next().unwrap_or_default();
        format!("{}{host}", &address[..end])
    });
    Some(Hub {
        name: name.clone(),
        url: url.filter(|url| url.contains("://")),
        mirrors: mirrors.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

/// Whether the engine speaks plain HTTP with a registry: one on this machine, or one that it was told about.
fn is_plain(about: &About, registry: &str) -> bool {
    let configs = about.facts().and_then(|f| f.info.pointer("/RegistryConfig/IndexConfigs"));
    let secure = configs.and_then(|configs| configs.get(registry)?.get("Secure")?.as_bool());
    is_here(registry) || secure == Some(false)
}

/// Whether Docker was given a certificate for it.
fn has_own_certificate(registry: &str) -> bool {
    std::path::Path::new("/etc/docker/certs.d").join(registry).is_dir()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
