//! What makes a service another one, and what does not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use backstay_core::stack::Model;
use backstay_core::store::DiskStore;

/// A stack's directory.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// The fingerprint of `web`, with `DIR` in the model standing for this directory.
    fn print(&self, services: &str) -> String {
        self.print_with(services, &|_| None)
    }

    fn print_with(&self, services: &str, variables: &dyn Fn(&str) -> Option<String>) -> String {
        let model = self.model(services);
        let value = |name: &str| Ok(variables(name));
        model.fingerprint(&model.services["web"], &DiskStore, &value).unwrap()
    }

    fn model(&self, services: &str) -> Model {
        let directory = self.0.path().to_str().unwrap();
        Model::parse(&format!("name: shop\n{}", services.replace("DIR", directory))).unwrap()
    }

    fn config_files(&self, services: &str) -> Vec<PathBuf> {
        let model = self.model(services);
        model.config_files(&model.services["web"], &DiskStore).unwrap()
    }
}

/// The fingerprint of a service that has this body.
fn body(body: &str) -> String {
    Folder::new().print(&format!("services: {{web: {{{body}}}}}"))
}

fn mounted(read_only: bool) -> String {
    format!(
        "services: {{web: {{image: w, volumes: [{{type: bind, source: DIR/f, target: /f, read_only: {read_only}}}]}}}}"
    )
}

#[test]
fn a_change_of_the_definition_counts() {
    let bodies = [
        "image: w",
        "image: v",
        "image: w, environment: {A: \"1\"}",
        "image: w, environment: {A: \"2\"}",
        "image: w, environment: {A: null}",
        "image: w, command: [a, b]",
        "image: w, command: [a b]",
        "image: w, ports: [{target: 80}]",
        "image: w, healthcheck: {disable: true}",
        "image: w, deploy: {update_config: {order: start-first}}",
        "image: w, deploy: {resources: {limits: {memory: \"1\"}}}",
        "image: w, restart: always",
        "image: w, container_name: c",
        "image: w, labels: {x-not-an-extension: \"1\"}",
    ];
    let prints: BTreeSet<String> = bodies.iter().map(|text| body(text)).collect();
    assert_eq!(prints.len(), bodies.len(), "each one differs from each other");
}

#[test]
fn how_it_is_made_or_rolled_out_does_not_count() {
    let plain = body("image: w");
    for more in [
        "build: {context: /a}",
        "build: {context: /b, tags: [x]}",
        "depends_on: {db: {condition: service_started}}",
        "profiles: [debug]",
        "pull_policy: always",
        "scale: 3",
        "x-backstay: {gateway: true}",
        "x-other: 1",
    ] {
        assert_eq!(body(&format!("image: w, {more}")), plain, "{more}");
    }
}

#[test]
fn the_number_of_replicas_does_not_count() {
    let with = |deploy: &str| body(&format!("image: w, deploy: {{{deploy}}}"));
    assert_eq!(with("replicas: 1"), with("replicas: 5"));
    assert_eq!(with("replicas: 1, labels: {a: b}"), with("labels: {a: b}"));
    assert_ne!(with("replicas: 1, labels: {a: b}"), with("replicas: 1, labels: {a: c}"));
}

#[test]
fn a_deploy_section_that_comes_counts_as_it_does_for_compose() {
    // `docker compose config --hash` gives these two different hashes, and the same one to any number of replicas.
    assert_ne!(body("image: w"), body("image: w, deploy: {replicas: 1}"));
}

#[test]
fn the_order_in_which_a_definition_is_written_does_not_count() {
    let one = body("image: w, environment: {A: \"1\", B: \"2\"}, restart: always");
    assert_eq!(one, body("restart: always, environment: {B: \"2\", A: \"1\"}, image: w"));
}

#[test]
fn two_services_of_the_same_definition_have_the_same_fingerprint() {
    let folder = Folder::new();
    let model = folder.model("services: {a: {image: w}, b: {image: w}}");
    let print =
        |name: &str| model.fingerprint(&model.services[name], &DiskStore, &|_| Ok(None)).unwrap();
    assert_eq!(print("a"), print("b"));
}

#[test]
fn a_config_written_in_the_model_counts() {
    let of = |content: &str| {
        Folder::new().print(&format!(
            "services: {{web: {{image: w, configs: [{{source: c}}]}}, other: {{image: o}}}}\nconfigs: {{c: {{content: {content}}}, unused: {{content: {content}}}}}"
        ))
    };
    assert_eq!(of("one"), of("one"));
    assert_ne!(of("one"), of("two"));
}

#[test]
fn a_config_of_another_service_does_not_count() {
    let of = |content: &str| {
        Folder::new().print(&format!(
            "services: {{web: {{image: w}}, other: {{image: o, configs: [{{source: c}}]}}}}\nconfigs: {{c: {{content: {content}}}}}"
        ))
    };
    assert_eq!(of("one"), of("two"));
}

#[test]
fn the_value_of_a_secret_from_the_environment_counts() {
    let folder = Folder::new();
    let yaml =
        "services: {web: {image: w, secrets: [{source: s}]}}\nsecrets: {s: {environment: TOKEN}}";
    let with = |value: Option<&str>| {
        folder.print_with(yaml, &|name| value.filter(|_| name == "TOKEN").map(str::to_owned))
    };
    assert_eq!(with(Some("a")), with(Some("a")));
    assert_ne!(with(Some("a")), with(Some("b")));
    assert_ne!(with(Some("")), with(None));
}

#[test]
fn the_value_of_a_secret_is_not_written_down() {
    let folder = Folder::new();
    let yaml =
        "services: {web: {image: w, secrets: [{source: s}]}}\nsecrets: {s: {environment: TOKEN}}";
    assert!(!folder.print_with(yaml, &|_| Some("hunter2".into())).contains("hunter2"));
}

#[test]
fn the_content_of_a_config_or_secret_file_counts() {
    for kind in ["configs", "secrets"] {
        let folder = Folder::new();
        let yaml = format!(
            "services: {{web: {{image: w, {kind}: [{{source: c}}]}}}}\n{kind}: {{c: {{file: DIR/f}}}}"
        );
        let missing = folder.print(&yaml);
        folder.write("f", "one");
        let one = folder.print(&yaml);
        folder.write("f", "two");
        let two = folder.print(&yaml);
        folder.write("f", [0, 159, 146, 150]);
        let binary = folder.print(&yaml);
        assert_eq!(BTreeSet::from([missing, one.clone(), two, binary]).len(), 4, "{kind}");
        folder.write("f", "one");
        assert_eq!(folder.print(&yaml), one);
    }
}

#[cfg(unix)]
#[test]
fn a_secret_behind_a_link_counts_too() {
    let folder = Folder::new();
    folder.write("real", "one");
    std::os::unix::fs::symlink(folder.path("real"), folder.path("f")).unwrap();
    let yaml = "services: {web: {image: w, secrets: [{source: c}]}}\nsecrets: {c: {file: DIR/f}}";
    let one = folder.print(yaml);
    folder.write("real", "two");
    assert_ne!(folder.print(yaml), one, "Compose follows the link, so the container would differ");
}

#[test]
fn a_file_that_is_mounted_read_only_counts_whatever_is_in_it() {
    let folder = Folder::new();
    let mut prints = BTreeSet::new();
    for content in [vec![0, 1, 2], vec![0, 1, 3], vec![b'a'; 2 << 20], vec![b'b'; 2 << 20]] {
        folder.write("f", content);
        prints.insert(folder.print(&mounted(true)));
    }
    assert_eq!(prints.len(), 4);
    assert_eq!(folder.config_files(&mounted(true)), [folder.path("f")]);
}

#[test]
fn small_text_that_is_mounted_writable_counts() {
    let folder = Folder::new();
    folder.write("f", "one");
    let one = folder.print(&mounted(false));
    folder.write("f", "two");
    assert_ne!(folder.print(&mounted(false)), one);
}

#[test]
fn data_that_is_mounted_writable_does_not_count() {
    let folder = Folder::new();
    let yaml = mounted(false);
    let nothing = folder.print(&yaml);
    for data in [vec![1, 0, 2], vec![0xff, 0xfe, b'a'], vec![b'a'; (1 << 20) + 1]] {
        folder.write("f", data);
        assert_eq!(folder.print(&yaml), nothing);
        assert!(folder.config_files(&yaml).is_empty());
    }
    folder.write("f", vec![b'a'; 1 << 20]);
    assert_ne!(folder.print(&yaml), nothing, "1 MiB of text is configuration still");
}

#[test]
fn what_is_in_a_folder_counts_where_nobody_can_write_it() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("f/sub")).unwrap();
    let mut prints = BTreeSet::from([folder.print(&mounted(true))]);
    for (name, content) in [("f/inside", "x"), ("f/inside", "y"), ("f/sub/more", "y")] {
        folder.write(name, content);
        prints.insert(folder.print(&mounted(true)));
    }
    assert_eq!(prints.len(), 4);
    assert_eq!(
        folder.config_files(&mounted(true)),
        [folder.path("f/inside"), folder.path("f/sub/more")]
    );
    // What a service writes is data.
    let before = folder.print(&mounted(false));
    folder.write("f/inside", "z");
    assert_eq!(folder.print(&mounted(false)), before);
    assert!(folder.config_files(&mounted(false)).is_empty());
}

#[test]
fn a_folder_that_is_large_or_is_a_stack_itself_does_not_count() {
    let folder = Folder::new();
    fs::create_dir(folder.path("f")).unwrap();
    folder.write("f/large", vec![b'a'; (1 << 20) + 1]);
    assert!(folder.config_files(&mounted(true)).is_empty());
    folder.write("f/large", "small");
    assert_eq!(folder.config_files(&mounted(true)).len(), 1);
    folder.write("f/compose.yaml", "services: {}");
    assert!(folder.config_files(&mounted(true)).is_empty());
    fs::remove_file(folder.path("f/compose.yaml")).unwrap();
    for number in 0..256 {
        folder.write(&format!("f/{number}"), "x");
    }
    assert!(folder.config_files(&mounted(true)).is_empty());
}

#[test]
fn files_are_named_once_and_in_order() {
    let folder = Folder::new();
    folder.write("b", "b");
    folder.write("a", "a");
    let yaml = "services: {web: {image: w, configs: [{source: c}], secrets: [{source: s}], volumes: [{type: bind, source: DIR/b, target: /1, read_only: true}, {type: bind, source: DIR/b, target: /2, read_only: true}, {type: volume, source: DIR/a, target: /3}]}}\nconfigs: {c: {file: DIR/b}}\nsecrets: {s: {file: DIR/a}}";
    assert_eq!(folder.config_files(yaml), [folder.path("a"), folder.path("b")]);
}

#[test]
fn a_config_file_that_is_missing_is_still_named() {
    let folder = Folder::new();
    let yaml =
        "services: {web: {image: w, configs: [{source: c}]}}\nconfigs: {c: {file: DIR/gone}}";
    assert_eq!(folder.config_files(yaml), [folder.path("gone")]);
}

#[test]
fn the_engines_names_of_networks_and_volumes_count() {
    let of = |network: &str, volume: &str| {
        Folder::new().print(&format!(
            "services: {{web: {{image: w, networks: {{n: null}}, volumes: [{{type: volume, source: v, target: /v}}]}}}}\nnetworks: {{n: {{name: {network}}}, other: {{name: {network}-2}}}}\nvolumes: {{v: {{name: {volume}}}}}"
        ))
    };
    assert_eq!(of("a", "b"), of("a", "b"));
    assert_ne!(of("a", "b"), of("c", "b"));
    assert_ne!(of("a", "b"), of("a", "c"));
}

#[test]
fn a_fingerprint_is_a_digest() {
    let print = body("image: w");
    let hex = print.strip_prefix("sha256:").unwrap();
    assert!(
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    );
    assert!(Path::new(&print).components().count() == 1);
}
