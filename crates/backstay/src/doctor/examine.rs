//! The checks in their order.

use super::about::About;
use super::finding::Finding;
use super::registries::Unreachable;
use super::{
    backups, clock, data, engine, host_ports, permissions, registries, runs, space, stack, tools,
};
use crate::doctor::daemon_json::Mirror;
use crate::errors::CommandError;
use crate::i18n::t;

/// What is left when all checks are done.
pub(crate) struct Examined {
    pub(crate) about: About,
    pub(crate) findings: Vec<Finding>,
    /// Registries that did not answer, and have no mirror that did.
    pub(crate) unreachable: Unreachable,
}

/// Makes all checks; `tell` hears each finding as soon as it is there. `missing` is why there is no stack where one was
/// named, and `mirrors` are those that the user thinks of.
pub(crate) async fn examine(
    mut about: About,
    missing: Option<CommandError>,
    mirrors: &[Mirror],
    tell: &mut dyn FnMut(&Finding),
) -> Examined {
    let mut findings = Vec::new();
    let secrets = about.secrets.clone();
    let mut found = |new: Vec<Finding>| {
        for finding in new.into_iter().map(|finding| finding.without(&secrets)) {
            tell(&finding);
            findings.push(finding);
        }
    };
    found(engine::check(&mut about).await);
    found(tools::check(&about).await);
    match missing {
        Some(error) => found(vec![Finding::error("stack", error)]),
        None => found(stack::check(&mut about).await),
    }
    about.find_records().await;
    found(runs::check(&about));
    found(space::check(&about));
    found(host_ports::check(&about).await);
    found(permissions::check(&about));
    found(clock::check(&about));
    found(data::check(&about));
    found(backups::check(&about).await);
    let (of_registries, unreachable) = registries::check(&about, mirrors).await;
    found(of_registries);
    if about.facts.is_none() {
        let lang = about.lang;
        found(vec![Finding::warning("skipped", t!(lang, "doctor-skipped"))]);
    }
    Examined { about, findings, unreachable }
}
