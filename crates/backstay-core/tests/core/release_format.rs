//! `release.json`: what is written is read, and nothing else is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use backstay_core::release::{FileRecord, Origin, Release, ServiceRecord, VERSION};
use backstay_core::stack::StackRef;
use proptest::prelude::*;

pub(crate) fn release(id: &str, sequence: u64) -> Release {
    Release {
        version: VERSION,
        id: id.into(),
        sequence,
        parent: None,
        created: "2024-01-29T14:30:52Z".into(),
        origin: Origin::Deploy,
        project: "shop".into(),
        engine: None,
        stack: StackRef {
            directory: "/srv/shop".into(),
            files: vec!["/srv/shop/compose.yaml".into(), "/srv/shop/prod.yml".into()],
            ..StackRef::default()
        },
        services: BTreeMap::from([("web".to_owned(), service("sha256:1"))]),
        files: vec![file("compose.yaml")],
        networks: vec!["shop_default".into()],
        differs: Vec::new(),
        parts: BTreeMap::new(),
    }
}

pub(crate) fn service(image: &str) -> ServiceRecord {
    ServiceRecord {
        reference: "shop-web:latest".into(),
        image: image.into(),
        content: None,
        pulled: None,
        fingerprint: "f".into(),
        compose_hash: None,
        containers: vec!["c1".into(), "c2".into()],
    }
}

pub(crate) fn file(path: &str) -> FileRecord {
    FileRecord {
        path: path.into(),
        stored: None,
        digest: None,
        mode: 0o644,
        outside: false,
        folder: None,
    }
}

fn any_release() -> impl Strategy<Value = Release> {
    let service = (
        any::<String>(),
        any::<String>(),
        proptest::option::of(any::<String>()),
        proptest::option::of(any::<String>()),
        proptest::collection::vec(any::<String>(), 0..3),
    )
        .prop_map(|(reference, image, content, compose_hash, containers)| ServiceRecord {
            reference,
            image,
            pulled: content.clone().filter(|text| text.len() > 3),
            content,
            fingerprint: String::new(),
            compose_hash,
            containers,
        });
    let file =
        (any::<String>(), proptest::option::of(any::<String>()), any::<u32>(), any::<bool>())
            .prop_map(|(path, stored, mode, outside)| FileRecord {
                path,
                digest: stored.clone(),
                stored,
                mode,
                outside,
                folder: None,
            });
    let stack = (
        "[a-z/é ]{0,9}",
        proptest::collection::vec(any::<String>(), 0..3),
        proptest::collection::btree_map(
            any::<String>(),
            proptest::option::of(any::<String>()),
            0..3,
        ),
    )
        .prop_map(|(directory, profiles, environment)| StackRef {
            directory: PathBuf::from(directory),
            profiles,
            environment,
            ..StackRef::default()
        });
    let origin = prop_oneof![Just(Origin::Deploy), Just(Origin::Update), Just(Origin::Adopted)];
    (
        any::<String>(),
        (any::<u64>(), proptest::option::of(any::<u64>())),
        origin,
        stack,
        proptest::collection::btree_map(any::<String>(), service, 0..3),
        proptest::collection::vec(file, 0..3),
        proptest::collection::vec(any::<String>(), 0..3),
    )
        .prop_map(|(id, (sequence, parent), origin, stack, services, files, differs)| {
            Release {
                id,
                sequence,
                parent,
                origin,
                stack,
                services,
                files,
                differs,
                ..release("x", 1)
            }
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(release in any_release()) {
        let bytes = release.encode().unwrap();
        prop_assert_eq!(bytes.last(), Some(&b'\n'));
        prop_assert_eq!(Release::decode(&bytes).unwrap(), release);
    }

    #[test]
    fn a_flipped_bit_never_makes_another_release(release in any_release(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = release.encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // The hexadecimal digits of an escaped character may be upper case or lower case.
        if let Ok(read) = Release::decode(&bytes) {
            prop_assert_eq!(read, release);
        }
    }

    #[test]
    fn a_part_of_it_is_refused(release in any_release(), cut in any::<prop::sample::Index>()) {
        let bytes = release.encode().unwrap();
        let cut = cut.index(bytes.len());
        prop_assert!(Release::decode(&bytes[..cut]).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Release::decode(&bytes).is_err());
    }
}

mod damage {
    use backstay_core::release::Release;
    use backstay_core::sealed::DecodeError;

    use super::*;

    #[test]
    fn every_flipped_bit_of_a_plain_manifest_is_found() {
        let whole = release("20240129_143052", 4).encode().unwrap();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                assert!(Release::decode(&bytes).is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_newer_format_is_refused_as_such() {
        for version in [VERSION + 1, VERSION + 7, u64::MAX] {
            let newer = Release { version, ..release("x", 1) };
            let bytes = newer.encode().unwrap();
            let error = format!("{:?}", Release::decode(&bytes).unwrap_err());
            assert_eq!(error, format!("TooNew({version})"));
        }
        // Whatever else a newer program writes there.
        let text = format!("{{\"version\": {}, \"unheard_of\": []}}", VERSION + 1);
        let error = format!("{:?}", Release::decode(text.as_bytes()).unwrap_err());
        assert_eq!(error, format!("TooNew({})", VERSION + 1));
    }

    #[test]
    fn an_edited_manifest_is_refused() {
        let text = String::from_utf8(release("x", 1).encode().unwrap()).unwrap();
        let edited = text.replace("sha256:1\"", "sha256:2\"");
        assert_ne!(edited, text);
        assert!(Release::decode(edited.as_bytes()).is_err());
        let unsigned: serde_json::Value = serde_json::to_value(release("x", 1)).unwrap();
        assert!(Release::decode(format!("{unsigned}\n").as_bytes()).is_err());
    }

    #[test]
    fn its_layout_does_not_matter() {
        let bytes = release("x", 1).encode().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let line = format!("{value}\n");
        assert_eq!(Release::decode(line.as_bytes()).unwrap(), release("x", 1));
        let cut = Release::decode(value.to_string().as_bytes());
        assert!(matches!(cut, Err(DecodeError::Damaged(_))), "{cut:?}");
    }
}

mod same {
    use super::*;

    #[test]
    fn two_records_of_the_same_thing_are_the_same() {
        let one = release("20240129_143052", 4);
        let mut other = Release { origin: Origin::Adopted, ..release("20240130_000000", 9) };
        other.created = "later".into();
        other.services.get_mut("web").unwrap().containers = vec!["d1".into(), "d2".into()];
        assert!(one.is_same_as(&other) && other.is_same_as(&one));
    }

    #[test]
    fn another_image_file_flag_network_or_number_makes_another_release() {
        let one = release("x", 1);
        let with = |change: &dyn Fn(&mut Release)| {
            let mut other = one.clone();
            change(&mut other);
            assert!(!one.is_same_as(&other) && !other.is_same_as(&one), "{other:?}");
        };
        with(&|r| r.services.get_mut("web").unwrap().image = "sha256:2".into());
        with(&|r| r.services.get_mut("web").unwrap().fingerprint = "g".into());
        with(&|r| r.services.get_mut("web").unwrap().reference = "other".into());
        with(&|r| r.services.get_mut("web").unwrap().containers.push("c3".into()));
        with(&|r| drop(r.services.insert("db".into(), service("sha256:1"))));
        with(&|r| r.services.clear());
        with(&|r| r.files[0].digest = Some("sha256:9".into()));
        with(&|r| r.files[0].mode = 0o600);
        with(&|r| r.networks.clear());
        with(&|r| r.stack.profiles.push("debug".into()));
    }

    #[test]
    fn its_images_are_those_of_its_services() {
        let mut one = release("x", 1);
        one.services.insert("db".into(), service("sha256:2"));
        assert_eq!(one.images().collect::<Vec<_>>(), ["sha256:2", "sha256:1"]);
    }
}
