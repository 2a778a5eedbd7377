//! Where in a plan hooks have their place.

use super::change::Action;
use super::step::{Plan, Step};
use crate::stack::{HookPoint, RunHook};

impl RunHook {
    /// It as a step.
    #[must_use]
    pub fn step(&self) -> Step {
        Step::Hook { name: self.name.clone(), point: self.point, service: self.service.clone() }
    }
}

impl Plan {
    /// The hooks of this point that such a plan is a reason for: none where nothing changes, and that of a service where that one
    /// does.
    pub fn due<'a>(
        &'a self,
        hooks: &'a [RunHook],
        point: HookPoint,
    ) -> impl Iterator<Item = &'a RunHook> {
        let deploys = self.deploys();
        let concerns = |hook: &&RunHook| match &hook.of {
            None => true,
            Some(of) => self.change(of).is_some_and(|change| change.action != Action::Keep),
        };
        hooks.iter().filter(move |hook| deploys && hook.point == point).filter(concerns)
    }

    /// The services that change.
    #[must_use]
    pub fn changed(&self) -> Vec<String> {
        let changed = self.changes.iter().filter(|change| change.action != Action::Keep);
        changed.map(|change| change.service.clone()).collect()
    }

    /// Puts hooks where they belong. That of `before_deploy` is taken before there is a plan.
    pub(super) fn place_hooks(&mut self, hooks: &[RunHook]) {
        if hooks.is_empty() {
            return;
        }
        let of = |plan: &Self, point| plan.due(hooks, point).map(RunHook::step).collect::<Vec<_>>();
        let before = of(self, HookPoint::BeforeSwitch);
        let after = of(self, HookPoint::AfterSwitch);
        let (new, others): (Vec<Step>, Vec<Step>) =
            before.into_iter().partition(|step| self.turn_of_new(step).is_some());
        let at = self.switch();
        self.steps.splice(at..at, others);
        for step in new {
            let at = self.turn_of_new(&step).unwrap_or(at);
            self.steps.insert(at, step);
        }
        self.steps.extend(after);
        self.afterwards = of(self, HookPoint::AfterCommit);
        self.afterwards.extend(of(self, HookPoint::AfterRollback));
    }

    /// For a hook in a container of a service that is new, the step that starts it: what it depends on may be new as well, and is
    /// there only then.
    fn turn_of_new(&self, step: &Step) -> Option<usize> {
        let Step::Hook { service: Some(service), .. } = step else { return None };
        self.change(service).filter(|change| change.action == Action::Add)?;
        let starts = |step: &Step| matches!(step, Step::Replace { services } if services.iter().any(|name| name == service));
        self.steps.iter().position(starts)
    }

    /// The step before which nothing that runs has been replaced: where writers of data stand still for it, the one after the data was
    /// saved; else the one after all that can be proven has been.
    fn switch(&self) -> usize {
        let is_data = |step: &Step| matches!(step, Step::Guard { .. } | Step::RestoreData { .. });
        if let Some(data) = self.steps.iter().position(is_data) {
            return data + 1;
        }
        let is_first = |step: &Step| matches!(step, Step::Tags | Step::Start { .. });
        let at = match self.steps.iter().position(|step| matches!(step, Step::Create { .. })) {
            Some(create) => create + 1,
            None => self.steps.iter().take_while(|step| is_first(step)).count(),
        };
        let is_proof = matches!(self.steps.get(at), Some(Step::Rehearse { .. }));
        at + usize::from(is_proof)
    }
}
