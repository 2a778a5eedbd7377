//! The statistics in Prometheus' [text format](https://prometheus.io/docs/instrumenting/exposition_formats/), version 0.0.4.

use backstay_routes::{Counters, Status, TargetStatus};
use std::fmt::Write;

/// One metric: its name without the prefix, its type, what it says.
type Metric = (&'static str, &'static str, &'static str);

/// Renders them.
pub(crate) fn render(status: &Status) -> String {
    let mut out = Out(String::new());
    out.metric(("generation", "gauge", "Generation of the routes in force."));
    out.sample("generation", &[], status.generation);
    out.metric(("uptime_milliseconds", "gauge", "Age of the worker."));
    out.sample("uptime_milliseconds", &[], status.uptime_ms);
    out.metric(("connections_total", "counter", "Connections accepted."));
    for listener in &status.listeners {
        out.sample("connections_total", &[("port", &listener.port.to_string())], listener.accepted);
    }
    out.metric(("connections", "gauge", "Connections that are open."));
    for listener in &status.listeners {
        let port = listener.port.to_string();
        out.sample("connections", &[("port", &port)], listener.connections_now);
    }
    out.metric(("held", "gauge", "Requests and connections that wait."));
    for (name, service) in &status.services {
        out.sample("held", &[("service", name)], service.held_now);
    }
    out.metric(("held_total", "counter", "Requests and connections that have waited."));
    for (name, service) in &status.services {
        out.sample("held_total", &[("service", name)], service.held);
    }
    targets(&mut out, status);
    services(&mut out, status);
    out.0
}

fn targets(out: &mut Out, status: &Status) {
    type Of = fn(&Counters) -> u64;
    let simple: [(Metric, Of); 6] = [
        (("requests_total", "counter", "HTTP requests."), |c| c.requests),
        (("requests", "gauge", "HTTP requests under way."), |c| c.requests_now),
        (("streams_total", "counter", "TCP connections and upgrades."), |c| c.streams),
        (("streams", "gauge", "Streams that are open."), |c| c.streams_now),
        (("received_bytes_total", "counter", "Bytes towards targets."), |c| c.bytes_in),
        (("sent_bytes_total", "counter", "Bytes from targets."), |c| c.bytes_out),
    ];
    for (metric, of) in simple {
        out.metric(metric);
        for (service, target) in each_target(status) {
            out.sample(metric.0, &labels(service, target), of(&target.counters));
        }
    }
    out.metric(("responses_total", "counter", "Answers by class of their status."));
    for (service, target) in each_target(status) {
        let statuses = target.counters.statuses;
        let classes = [
            ("1xx", statuses.informational),
            ("2xx", statuses.success),
            ("3xx", statuses.redirection),
            ("4xx", statuses.client_error),
            ("5xx", statuses.server_error),
        ];
        for (class, count) in classes {
            let labels = [&labels(service, target)[..], &[("class", class)]].concat();
            out.sample("responses_total", &labels, count);
        }
    }
}

fn services(out: &mut Out, status: &Status) {
    out.metric(("errors_total", "counter", "What did not reach a service or did not come back."));
    for (name, service) in &status.services {
        let errors = service.counters.errors;
        let kinds = [
            ("connect", errors.connect),
            ("reset", errors.reset),
            ("no_target", errors.no_target),
            ("held_too_long", errors.held_too_long),
            ("over_limit", errors.over_limit),
            ("cut", errors.cut),
            ("client_gone", errors.client_gone),
        ];
        for (kind, count) in kinds {
            out.sample("errors_total", &[("service", name), ("kind", kind)], count);
        }
    }
    out.metric(("answer_microseconds", "gauge", "From a request's head to its answer's."));
    for (name, service) in &status.services {
        for (quantile, value) in
            [("0.5", service.counters.p50_us), ("0.99", service.counters.p99_us)]
        {
            out.sample("answer_microseconds", &[("service", name), ("quantile", quantile)], value);
        }
    }
}

/// With the id, because a container can be made anew with the name and the release of the one before.
fn labels<'a>(service: &'a str, target: &'a TargetStatus) -> [(&'static str, &'a str); 4] {
    let id = target.id.get(..12).unwrap_or(&target.id);
    [("service", service), ("target", &target.name), ("id", id), ("release", &target.release)]
}

fn each_target(status: &Status) -> impl Iterator<Item = (&str, &TargetStatus)> {
    status
        .services
        .iter()
        .flat_map(|(name, service)| service.targets.iter().map(move |target| (&**name, target)))
}

struct Out(String);

impl Out {
    fn metric(&mut self, (name, kind, help): Metric) {
        let _ = writeln!(self.0, "# HELP backstay_gateway_{name} {help}");
        let _ = writeln!(self.0, "# TYPE backstay_gateway_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        let _ = write!(self.0, "backstay_gateway_{name}");
        for (index, (label, value)) in labels.iter().enumerate() {
            let open = if index == 0 { '{' } else { ',' };
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{open}{label}=\"{value}\"");
        }
        let close = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{close} {value}");
    }
}
