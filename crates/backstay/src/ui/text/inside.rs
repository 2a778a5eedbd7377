//! What the gateway carries inside, and why not more.

use backstay_core::plan::{LeftOut, Plan, Step};

use super::{Wording, lists};
use crate::i18n::{Language, t};
use crate::ui::clean;

/// One line for all that it carries, and one for each service that it does not.
pub(crate) fn lines(wording: &Wording, plan: &Plan) -> Vec<String> {
    let lang = wording.lang;
    let mut lines = Vec::new();
    let carried = plan.inside.carried.iter().map(|(name, carried)| {
        let ports: Vec<String> = carried.ports.iter().map(u16::to_string).collect();
        format!("{name} ({})", ports.join(", "))
    });
    let carried: Vec<String> = carried.collect();
    if !carried.is_empty() {
        lines.push(t!(lang, "plan-inside", services = lists::names(wording, &carried)));
    }
    for (name, why) in &plan.inside.left_out {
        let (service, why) = (clean::line(name), because(lang, why));
        lines.push(t!(lang, "plan-inside-not", service = service, why = why));
    }
    lines
}

/// The same where the gateway comes with this run: at other times it is as it was.
pub(super) fn news(wording: &Wording, plan: &Plan) -> Vec<String> {
    if plan.steps.contains(&Step::MakeGateway) { lines(wording, plan) } else { Vec::new() }
}

fn because(lang: Language, why: &LeftOut) -> String {
    match why {
        LeftOut::Database { image } => t!(lang, "inside-database", image = clean::line(image)),
        LeftOut::Data => t!(lang, "inside-data"),
        LeftOut::Network => t!(lang, "inside-network"),
        LeftOut::OwnName { name } => t!(lang, "inside-own-name", name = clean::line(name)),
        LeftOut::Linked { service } => {
            t!(lang, "inside-linked", service = clean::line(service))
        }
        LeftOut::Udp => t!(lang, "inside-udp"),
        LeftOut::NoPorts => t!(lang, "inside-no-ports"),
        LeftOut::ManyPorts => t!(lang, "inside-many-ports"),
        LeftOut::SamePort { port, service } => {
            let service = clean::line(service);
            t!(lang, "inside-same-port", port = port.to_string(), service = service)
        }
        LeftOut::GatewaysPort { port } => {
            t!(lang, "inside-gateways-port", port = port.to_string())
        }
        LeftOut::Later => t!(lang, "inside-later"),
    }
}
