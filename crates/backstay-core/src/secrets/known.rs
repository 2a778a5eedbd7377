//! The secrets that are known while the program works: what learns of a stack adds them, what records or shows text takes
//! them out.

use std::sync::{Arc, PoisonError, RwLock};

use super::collect::{Found, collect};
use super::redactor::Redactor;
use crate::event::{Cause, DataTrouble, Event, Failure, HookTrouble, Note};
use crate::stack::{Model, StackRef};
use crate::store::Store;

/// The secrets that are known so far. Copies share them.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    found: Found,
    redactor: Redactor,
}

impl Secrets {
    /// Adds the secrets of a stack.
    pub fn learn(&self, stack: &StackRef, model: Option<&Model>, store: &dyn Store) {
        self.add(collect(stack, model, store));
    }

    /// Adds these. What does not look like a secret stays readable.
    pub fn add(&self, found: Found) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if found.secrets.iter().all(|value| known.found.secrets.contains(value)) {
            return;
        }
        known.found.secrets.extend(found.secrets);
        known.redactor = Redactor::new(known.found.secrets.iter().map(String::as_str));
    }

    /// The text without them.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.redactor.text(text).into_owned()
    }

    /// The event without them. Only words from outside are looked at: names stay what they are.
    #[must_use]
    pub fn event(&self, mut event: Event) -> Event {
        match &mut event {
            Event::StepFailed { failure, .. } | Event::UnwindStarted { failure } => {
                self.clean_failure(failure);
            }
            Event::UndoFailed { error: text, .. } | Event::Output { line: text, .. } => {
                self.clean(text);
            }
            Event::Note { note } => self.clean_note(note),
            _ => {}
        }
        event
    }

    /// The failure without them.
    #[must_use]
    pub fn failure(&self, mut failure: Failure) -> Failure {
        self.clean_failure(&mut failure);
        failure
    }

    fn clean(&self, text: &mut String) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.redactor.clean(text);
    }

    fn clean_note(&self, note: &mut Note) {
        match note {
            Note::CleanupFailed { message } => self.clean(message),
            Note::HookFailed { trouble, lines, .. } => {
                lines.iter_mut().for_each(|line| self.clean(line));
                if let HookTrouble::Other { message } = trouble {
                    self.clean(message);
                }
            }
            Note::NotServing { failure, .. } => self.clean_failure(failure),
            Note::NotAsBefore { differences } => differences.iter_mut().for_each(|d| self.clean(d)),
            _ => {}
        }
    }

    fn clean_failure(&self, failure: &mut Failure) {
        failure.logs.iter_mut().chain(&mut failure.health).for_each(|line| self.clean(line));
        match &mut failure.cause {
            Cause::Build { message }
            | Cause::Pull { message }
            | Cause::Create { message }
            | Cause::Start { message }
            | Cause::Hook { message }
            | Cause::PortTaken { message }
            | Cause::DiskFull { message }
            | Cause::Files { message }
            | Cause::Follow { message }
            | Cause::GatewayProgram { message }
            | Cause::Engine { message } => self.clean(message),
            Cause::Probe { check, message } => {
                [check, message].into_iter().for_each(|t| self.clean(t))
            }
            Cause::Data { trouble: DataTrouble::Other { message }, .. }
            | Cause::RunHook { trouble: HookTrouble::Other { message }, .. } => self.clean(message),
            Cause::Mismatch { differences } => differences.iter_mut().for_each(|d| self.clean(d)),
            // They have no words from outside. Each is named, so that a new one is thought of.
            Cause::ImageMissing { .. }
            | Cause::Exited { .. }
            | Cause::Restarting { .. }
            | Cause::Unhealthy { .. }
            | Cause::Deadline { .. }
            | Cause::Vanished
            | Cause::Unreachable { .. }
            | Cause::Interrupted
            | Cause::Crashed
            | Cause::RunHook { .. }
            | Cause::Data { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::in_env_file;

    #[test]
    fn words_from_outside_lose_secrets_and_names_stay() {
        let secrets = Secrets::default();
        secrets.add(in_env_file("DB_PASSWORD=manager-api\nMODE=Detailed\n"));
        let mut failure =
            Failure::of("manager-api", Cause::Engine { message: "x manager-api".into() });
        failure.logs = vec!["Detailed: password is manager-api".into()];
        let copy = secrets.clone();
        let Event::StepFailed { failure, .. } = copy.event(Event::StepFailed { index: 0, failure })
        else {
            panic!("another event");
        };
        assert_eq!(failure.service.as_deref(), Some("manager-api"));
        assert_eq!(failure.cause, Cause::Engine { message: "x [redacted]".into() });
        assert_eq!(failure.logs, ["Detailed: password is [redacted]"]);
    }
}
