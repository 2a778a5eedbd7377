//! Versions of a stack with a gateway, with hooks, with data, or with several of these.

use std::path::Path;

use super::dice::Dice;
use super::stock::CHECK;
use crate::fake::{Behaviour, FakeContainer, FakeStack, World};

/// How many variants a version has beside its shape.
pub(super) const TWISTS: usize = 24;

/// The file that the gateway has beside the stack's.
pub(super) const OVERRIDE: &str = "docker-compose.override.yml";

/// The project.
pub(super) const PROJECT: &str = "shop";

/// What a stack has beside services.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sort {
    pub(super) gateway: bool,
    pub(super) hooks: bool,
    pub(super) data: bool,
}

impl Sort {
    pub(super) fn any(dice: &mut Dice) -> Self {
        let of = |gateway, hooks, data| Self { gateway, hooks, data };
        match dice.below(14) {
            0..=4 => of(false, false, false),
            5..=6 => of(true, false, false),
            7..=8 => of(false, true, false),
            9..=10 => of(false, false, true),
            11 => of(true, true, false),
            12 => of(false, true, true),
            _ => of(true, true, true),
        }
    }

    pub(super) const fn is_plain(self) -> bool {
        !(self.gateway || self.hooks || self.data)
    }
}

/// Whether a file is the mark of a hook.
pub(super) fn is_mark(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains('@'))
}

/// Whether a container is a gateway of the project.
pub(super) fn is_gateway(world: &World, container: &FakeContainer) -> bool {
    container.project.as_deref() == Some(PROJECT)
        && world.engine.gateways.contains_key(&container.id)
}

/// `cache` is not built and has data; `a` and `b` are built, and `b` is what may fail.
pub(super) fn version(
    sort: Sort,
    number: usize,
    (shape, twist): (usize, usize),
    of_b: Behaviour,
) -> FakeStack {
    let mut tops = Vec::new();
    if sort.gateway {
        tops.extend(asked(shape).map(|said| format!("gateway: {said}")));
    }
    if sort.hooks {
        tops.push(format!("hooks: {}", hooks(twist)));
    }
    let top = match tops.is_empty() {
        true => String::new(),
        false => format!("x-backstay: {{{}}}\n", tops.join(", ")),
    };
    let migrates = sort.data && twist.is_multiple_of(2);
    let on_failure = if twist.is_multiple_of(2) { ", on_failure: restore" } else { "" };
    let (mut of_cache, mut of_a, mut of_files) = (String::new(), String::new(), "");
    let consistency = ["stop", "pause", "none"][twist % 3];
    let files = format!(
        "{{x-backstay: {{data: {{copy: {{consistency: {consistency}, compress: false}}{on_failure}}}}}}}"
    );
    if sort.data {
        of_cache = format!("    x-backstay: {{data: {{dump: mysql{on_failure}}}}}\n");
        of_a.push_str("    volumes: [\"files:/files\"]\n");
        of_files = &files;
    }
    let mut lines_of_b = String::new();
    if sort.hooks || sort.data {
        lines_of_b.push_str("    volumes: [\"data:/data\"]\n");
    }
    if sort.gateway {
        of_a.push_str(&format!("    ports: [\"{}:80\"]\n", if shape == 4 { 8081 } else { 8080 }));
        match shape {
            1 => of_a.push_str("    deploy: {replicas: 2}\n"),
            2 => lines_of_b.push_str("    deploy: {update_config: {order: stop-first}}\n"),
            5 => of_a.push_str("    x-backstay: {gateway: {keep_warm: 1h}}\n"),
            _ => {}
        }
        if matches!(shape, 1 | 3 | 5) {
            lines_of_b.push_str("    ports: [\"9090:80\"]\n");
        }
    } else if shape == 2 {
        lines_of_b.push_str("    ports: [\"9090:80\"]\n");
    }
    let text = format!(
        "{top}services:\n  cache:\n    image: redis:7\n    restart: always\n    volumes: [\"data:/data\"]\n{of_cache}  \
         a:\n    build: ./a\n    restart: always\n    {CHECK}\n    depends_on: [cache]\n{of_a}  \
         b:\n    build: ./b\n    restart: always\n    {CHECK}\n    depends_on: [a]\n{lines_of_b}\
         volumes: {{data: , files: {of_files}}}\n"
    );
    let word = if migrates { format!("v{number} migrates") } else { number.to_string() };
    FakeStack::new("/srv/shop")
        .compose(&text)
        .env(&format!("GREETING=hello {}\n", shape % 2))
        .context("a", &number.to_string(), Behaviour::Healthy)
        .context("b", &word, of_b)
        .registry("redis:7", "7", Behaviour::Healthy)
}

/// What the files themselves say of the gateway.
const fn asked(shape: usize) -> Option<&'static str> {
    match shape {
        1 => Some("true"),
        2 => Some("{keep_warm: 1h}"),
        4 => Some("{keep_warm: 0s}"),
        _ => None,
    }
}

/// Hooks at each place, on the host and in containers. Each makes a mark of this run and takes it back; one of them may fail.
fn hooks(twist: usize) -> String {
    let one = |name: &str, more: &str, fails: bool| {
        let fail = if fails { ", fail" } else { "" };
        format!(
            "{{name: {name}, run: [mark, {name}, own{fail}], undo: [unmark, {name}, own]{more}}}"
        )
    };
    let all = ", operations: [deploy, update, rollback]";
    let back = if twist.is_multiple_of(2) { all } else { "" };
    let (in_cache, in_b) = (format!(", service: cache{back}"), ", service: b");
    format!(
        "{{before_deploy: [{}, {}], before_switch: [{}, {}], after_switch: [{}, {}], \
         after_commit: {{run: [mark, c1, own{}]}}, after_rollback: {{run: [mark, r1, own{}]}}}}",
        one("p1", back, false),
        one("p2", &in_cache, twist == 0),
        one("s1", "", twist == 1),
        one("s2", &format!("{in_b}{back}"), twist == 2),
        one("t1", back, twist == 3),
        one("t2", in_b, twist == 4),
        if twist == 5 { ", fail" } else { "" },
        if twist == 6 { ", fail" } else { "" },
    )
}
