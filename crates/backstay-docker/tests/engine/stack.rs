//! What Compose makes of a stack's files.

use backstay_core::engine::EngineErrorKind;
use backstay_core::ports::Composer;
use backstay_core::stack::Model;

use crate::world::world;

#[tokio::test]
async fn the_model_its_hashes_and_all_services_are_read() {
    let Some(world) = world(
        "x-top: 1
services:
  web: {image: \"IMAGE${UNSET}\", x-backstay: {a: 1}, deploy: {replicas: 2}}
  debug: {image: IMAGE, profiles: [debug]}
",
    ) else {
        return;
    };
    let (engine, mut stack) = (&world.engine, world.stack());
    let model = Model::parse(&engine.model(&stack).await.unwrap()).unwrap();
    assert_eq!(model.project, world.project);
    assert_eq!(model.services["web"].raw["x-backstay"]["a"], 1);
    let hashes = engine.compose_hashes(&stack).await.unwrap();
    assert_eq!(hashes.keys().collect::<Vec<_>>(), ["web"]);
    assert_eq!(engine.all_services(&stack).await.unwrap(), ["debug", "web"]);

    stack.profiles = vec!["debug".to_owned()];
    stack.project_name = Some(format!("{}-named", world.project));
    stack.environment.insert("UNSET".to_owned(), Some("-set".to_owned()));
    let model = Model::parse(&engine.model(&stack).await.unwrap()).unwrap();
    assert_eq!(model.project, format!("{}-named", world.project));
    assert_eq!(model.services.len(), 2);
    assert!(model.services["web"].image.ends_with("-set"));
}

#[tokio::test]
async fn files_that_are_wrong_or_missing_differ() {
    let Some(world) = world("services:\n  web: {image: IMAGE, foo: 1}\n") else { return };
    let (engine, mut stack) = (&world.engine, world.stack());
    let error = engine.model(&stack).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::InvalidStack);
    // `Additional property foo`, or `additional properties 'foo'` of newer versions.
    assert!(error.message.to_lowercase().contains("additional propert"), "{error}");
    assert!(error.message.contains("foo"), "{error}");
    world.write("services:\n  web: {image: \"x:${NONE:?must be set}\"}\n");
    let error = engine.model(&stack).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::InvalidStack);
    assert!(error.message.contains("must be set"), "{error}");
    world.write("services:\n  web: {image: x, env_file: none.env}\n");
    let error = engine.model(&stack).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::FileMissing);
    assert!(error.message.contains("none.env"), "{error}");
    stack.files = vec![world.path("none.yaml")];
    assert_eq!(engine.model(&stack).await.unwrap_err().kind, EngineErrorKind::FileMissing);
    stack.directory = world.path("none");
    assert_eq!(engine.model(&stack).await.unwrap_err().kind, EngineErrorKind::FileMissing);
}
