//! The screen of `gateway status`.

use std::time::Duration;

use backstay_core::ops::gateway::{Counters, GatewayReport, ServiceStatus, TargetStatus};
use backstay_core::routes::Side;
use serde_json::{Value, json};

use super::text::{Wording, short_id};
use super::{clean, size, width};
use crate::i18n::{Language, t};

/// What it holds, where it leads, and what came through.
pub(crate) fn lines(wording: &Wording, report: &GatewayReport) -> Vec<String> {
    let (lang, style) = (wording.lang, wording.style);
    let name = &report.gateway.name;
    let mut lines = Vec::new();
    let Some(status) = &report.status else {
        lines.push(style.bad(&format!("✗ {}", t!(lang, "gateway-stopped", name = name))));
        lines.push(t!(lang, "gateway-start", name = name));
        return lines;
    };
    let since = short(lang, Duration::from_millis(status.uptime_ms));
    lines.push(t!(lang, "gateway-runs", name = name, since = since));
    lines.push(String::new());
    let mut rows = vec![vec![
        t!(lang, "gateway-port"),
        t!(lang, "gateway-service"),
        t!(lang, "gateway-speaks"),
        t!(lang, "gateway-connections"),
    ]];
    for port in &report.gateway.ports {
        let found = status.listeners.iter().find(|listener| listener.port == port.at);
        let mode = found.map(|listener| format!("{:?}", listener.mode).to_lowercase());
        let open = found.map(|listener| listener.connections_now.to_string());
        rows.push(vec![
            port.label(),
            format!("{}:{}", clean::line(&port.service), port.target),
            mode.unwrap_or_default(),
            open.unwrap_or_default(),
        ]);
    }
    let inside = status.listeners.iter().filter(|listener| listener.side == Side::Inside);
    rows.extend(inside.map(|listener| {
        vec![
            t!(lang, "gateway-inside", port = listener.port.to_string()),
            clean::line(&listener.label),
            format!("{:?}", listener.mode).to_lowercase(),
            listener.connections_now.to_string(),
        ]
    }));
    lines.extend(width::table(&rows));
    lines.push(String::new());
    let mut rows = vec![vec![
        t!(lang, "gateway-service"),
        t!(lang, "gateway-container"),
        t!(lang, "gateway-requests"),
        t!(lang, "gateway-errors"),
        t!(lang, "gateway-streams"),
        t!(lang, "gateway-times"),
        t!(lang, "gateway-bytes"),
    ]];
    for (name, service) in &status.services {
        rows.extend(service.targets.iter().map(|target| row(lang, name, target)));
        if service.targets.is_empty() {
            rows.push(vec![clean::line(name), t!(lang, "gateway-nobody")]);
        }
    }
    lines.extend(width::table(&rows));
    for (name, service) in &status.services {
        lines.extend(held(lang, name, service).map(|line| style.warn(&format!("! {line}"))));
    }
    lines.extend(status.trouble.iter().map(|line| style.warn(&format!("! {}", clean::line(line)))));
    lines
}

fn row(lang: Language, service: &str, target: &TargetStatus) -> Vec<String> {
    let counters = &target.counters;
    let name = match target.current {
        true => clean::line(&target.name),
        false => t!(lang, "gateway-former", name = &target.name),
    };
    vec![
        clean::line(service),
        format!("{name} ({})", short_id(&target.id)),
        requests(counters),
        counters.errors.total().to_string(),
        format!("{} ({})", counters.streams, counters.streams_now),
        format!("{} / {}", time(counters.p50_us), time(counters.p99_us)),
        format!("{} / {}", size::bytes(counters.bytes_in), size::bytes(counters.bytes_out)),
    ]
}

/// All of them, and those of the two classes that are somebody's fault.
fn requests(counters: &Counters) -> String {
    let statuses = &counters.statuses;
    let mut text = counters.requests.to_string();
    for (count, class) in [(statuses.client_error, "4xx"), (statuses.server_error, "5xx")] {
        if count > 0 {
            text.push_str(&format!(", {count} {class}"));
        }
    }
    text
}

fn held(lang: Language, name: &str, service: &ServiceStatus) -> Option<String> {
    service.shut.then(|| t!(lang, "gateway-held", service = name, count = service.held_now))
}

/// Microseconds as people read them.
fn time(micros: u64) -> String {
    match micros {
        0..1000 => format!("{micros} µs"),
        1000..1_000_000 => format!("{} ms", micros / 1000),
        _ => format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10),
    }
}

fn short(lang: Language, time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => t!(lang, "gateway-seconds", count = seconds),
        120..7200 => t!(lang, "gateway-minutes", count = seconds / 60),
        7200..172_800 => t!(lang, "gateway-hours", count = seconds / 3600),
        _ => t!(lang, "gateway-days", count = seconds / 86400),
    }
}

/// The same for programs.
pub(crate) fn json(report: Option<&GatewayReport>) -> Value {
    match report {
        Some(report) => json!({"gateway": report.gateway, "status": report.status}),
        None => json!({"gateway": null, "status": null}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_that_fits() {
        assert_eq!(
            [time(7), time(4_200), time(1_250_000)],
            ["7 µs".to_owned(), "4 ms".to_owned(), "1.2 s".to_owned()]
        );
        let time = Duration::from_secs(7300);
        assert_eq!(short(Language::English, time), "2 h");
        assert_eq!(short(Language::Chinese, time), "2 小时");
    }
}
