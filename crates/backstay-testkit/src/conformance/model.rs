//! The model.

use backstay_core::engine::EngineErrorKind;
use backstay_core::stack::Model;

use super::bench::Bench;
use super::fixture::{Fixture, Wanted};

/// The model, the names of all services, and Compose's hashes follow the files.
pub async fn the_model_is_what_the_files_say<F: Fixture>(fixture: &F) {
    let services = [
        Wanted::new("web").with("deploy: {replicas: 2}"),
        Wanted::new("job").with("profiles: [now-and-then]"),
    ];
    let bench = Bench::new(fixture, &services[..1]).await;
    let (engine, stack) = (bench.engine(), &bench.stack);
    let before = engine.compose_hashes(stack).await.unwrap();
    bench.change(&services[..1]).await;
    assert_eq!(engine.compose_hashes(stack).await.unwrap(), before, "nothing changed");

    let changed = services.clone().map(|wanted| wanted.with("environment: {A: b}"));
    bench.change(&changed[..1]).await;
    fixture.write(&bench.project, &text(&bench.project), &changed);
    let model = Model::parse(&engine.model(stack).await.unwrap()).unwrap();
    assert_eq!(model.project, bench.project);
    assert_eq!(model.services.keys().collect::<Vec<_>>(), ["web"]);
    assert_eq!(model.services["web"].replicas, 2);
    assert_eq!(model.services["web"].image, format!("{}-web", bench.project));
    let mut all = engine.all_services(stack).await.unwrap();
    all.sort();
    assert_eq!(all, ["job", "web"]);
    let after = engine.compose_hashes(stack).await.unwrap();
    assert_eq!(after.keys().collect::<Vec<_>>(), ["web"]);
    assert_ne!(after, before);
}

fn text(project: &str) -> String {
    format!(
        "name: {project}\nservices:\n  web:\n    build: ./web\n    deploy: {{replicas: 2}}\n    \
         environment: {{A: b}}\n  job:\n    build: ./job\n    profiles: [now-and-then]\n"
    )
}

/// YAML that does not parse, a variable that must be set, a service without an image.
pub async fn a_mistake_in_the_files_is_an_invalid_stack<F: Fixture>(fixture: &F) {
    let project = fixture.project();
    for mistake in [
        "services:\n  web: [\n",
        "services:\n  web:\n    image: \"x:${NOWHERE_SET:?set it}\"\n",
        "services:\n  web:\n    restart: always\n",
    ] {
        let stack = fixture.write(&project, &format!("name: {project}\n{mistake}"), &[]);
        let error = fixture.engine().model(&stack).await.unwrap_err();
        assert_eq!(error.kind, EngineErrorKind::InvalidStack, "{mistake}: {error}");
    }
}
