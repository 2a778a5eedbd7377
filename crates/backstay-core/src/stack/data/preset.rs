//! How well-known servers are saved and brought back: scripts for the shell of the server's own container, so that the tools are of the
//! server's version. They read user and password where the image itself reads them, and give them on in the environment: on no
//! command line, and in no log.

/// How a well-known server is saved and brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// What it is called in a compose file.
    pub name: &'static str,
    /// Writes all data to standard output.
    pub dump: &'static str,
    /// Reads it from standard input; what there was besides is gone afterwards.
    pub restore: &'static str,
    /// What is in the last part of a whole dump.
    pub end: &'static str,
    /// What the file's name ends with.
    pub suffix: &'static str,
    /// Whether the file is compressed where nothing is said.
    pub compress: bool,
    /// Whether it needs the path of a file in the container, which the script finds in `$1`.
    pub of_file: bool,
    /// Words in an image's name, or programs, by which it is recognised.
    pub images: &'static [&'static str],
}

/// Two servers of one kind have the same tools, whichever names these have.
const MYSQL: Preset = Preset {
    name: "mysql",
    dump: concat!(include_str!("scripts/mysql.sh"), include_str!("scripts/mysql-dump.sh")),
    restore: concat!(
        include_str!("scripts/alone.sh"),
        include_str!("scripts/mysql.sh"),
        include_str!("scripts/mysql-restore.sh")
    ),
    end: "-- Dump completed",
    suffix: "sql",
    compress: false,
    of_file: false,
    images: &["mysql", "percona"],
};

const REDIS: Preset = Preset {
    name: "redis",
    dump: concat!(include_str!("scripts/redis.sh"), include_str!("scripts/redis-dump.sh")),
    restore: concat!(
        include_str!("scripts/alone.sh"),
        include_str!("scripts/redis.sh"),
        include_str!("scripts/redis-restore.sh")
    ),
    end: "",
    suffix: "rdb",
    compress: true,
    of_file: false,
    images: &["redis"],
};

/// All of them.
pub const PRESETS: [Preset; 7] = [
    MYSQL,
    Preset { name: "mariadb", images: &["mariadb"], ..MYSQL },
    Preset {
        name: "postgres",
        dump: concat!(
            include_str!("scripts/postgres.sh"),
            include_str!("scripts/postgres-dump.sh")
        ),
        restore: concat!(
            include_str!("scripts/alone.sh"),
            include_str!("scripts/postgres.sh"),
            include_str!("scripts/postgres-restore.sh")
        ),
        end: "-- PostgreSQL database cluster dump complete",
        suffix: "sql",
        compress: true,
        of_file: false,
        images: &[
            "postgres",
            "postgresql",
            "postgis",
            "timescaledb",
            "pgvector",
            "percona-distribution-postgresql",
        ],
    },
    REDIS,
    Preset { name: "valkey", images: &["valkey"], ..REDIS },
    Preset {
        name: "mongo",
        dump: concat!(include_str!("scripts/mongo.sh"), include_str!("scripts/mongo-dump.sh")),
        restore: concat!(
            include_str!("scripts/alone.sh"),
            include_str!("scripts/mongo.sh"),
            include_str!("scripts/mongo-restore.sh")
        ),
        end: "",
        suffix: "archive",
        compress: true,
        of_file: false,
        images: &["mongo", "mongodb", "percona-server-mongodb"],
    },
    Preset {
        name: "sqlite",
        dump: include_str!("scripts/sqlite-dump.sh"),
        restore: concat!(
            include_str!("scripts/alone.sh"),
            include_str!("scripts/sqlite-restore.sh")
        ),
        end: "",
        suffix: "sqlite",
        compress: true,
        of_file: true,
        images: &[],
    },
];

impl Preset {
    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The one for an image, by the last part of its name.
    #[must_use]
    pub fn for_image(reference: &str) -> Option<&'static Self> {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let name = name.split([':', '@']).next().unwrap_or(name);
        let is_it = |known: &&&str| {
            name.strip_prefix(**known).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        // The one that knows most of the name.
        let known =
            |preset: &&Self| preset.images.iter().filter(is_it).map(|word| word.len()).max();
        // What only talks to such a server is none.
        let is_tool = ["exporter", "admin", "backup", "operator", "proxy", "commander", "express"];
        let found = PRESETS.iter().filter(|preset| known(preset).is_some()).max_by_key(known);
        found.filter(|_| !is_tool.iter().any(|word| name.contains(word)))
    }

    /// A script of it as a command.
    #[must_use]
    pub fn command(script: &str, file: Option<&str>) -> Vec<String> {
        let words = ["sh", "-c", script, "backstay"].into_iter().chain(file);
        words.map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_recognised_by_its_image() {
        let found = |image: &str| Preset::for_image(image).map(|preset| preset.name);
        assert_eq!(found("postgres:16-alpine"), Some("postgres"));
        assert_eq!(found("docker.io/library/mysql@sha256:00"), Some("mysql"));
        assert_eq!(found("valkey/valkey:8"), Some("valkey"));
        assert_eq!(found("redis-stack-server"), Some("redis"));
        assert_eq!(found("registry.example.com:5000/mirror/mariadb:11"), Some("mariadb"));
        assert_eq!(found("mongo:7"), Some("mongo"));
        for (image, server) in [
            ("bitnami/postgresql:16", "postgres"),
            ("bitnami/postgresql-repmgr:16", "postgres"),
            ("bitnami/mysql:8.4", "mysql"),
            ("docker.io/bitnami/mariadb-galera:11", "mariadb"),
            ("bitnami/redis-cluster:7", "redis"),
            ("bitnami/valkey:8", "valkey"),
            ("bitnami/mongodb:7", "mongo"),
            ("mongodb/mongodb-community-server:7.0-ubi8", "mongo"),
            ("percona/percona-server:8", "mysql"),
            ("percona/percona-server-mongodb:7", "mongo"),
        ] {
            assert_eq!(found(image), Some(server), "{image}");
        }
        for other in [
            "phpmyadmin",
            "redis-exporter",
            "mongo-express",
            "postgresql-backup",
            "web",
            "bitnami/mysqld-exporter",
            "postgrest/postgrest",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
    }

    #[test]
    fn no_script_has_a_password_among_the_arguments_of_a_program() {
        for preset in PRESETS {
            for script in [preset.dump, preset.restore] {
                for bad in ["-p\"$", "--password", " -a \"$", "-p$"] {
                    assert!(!script.contains(bad), "{}: {bad}", preset.name);
                }
            }
        }
    }

    #[test]
    fn a_file_that_a_script_makes_goes_with_it_also_where_it_is_told_to_end() {
        for preset in PRESETS {
            for script in [preset.dump, preset.restore] {
                let makes = script.contains("mktemp");
                let ends = script.contains("' EXIT\n") || script.contains("trap finish EXIT\n");
                let told = script.contains("trap 'exit 1' HUP INT TERM\n");
                assert!(!makes || (ends && told), "{}", preset.name);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn every_script_can_be_read_by_a_shell() {
        for preset in PRESETS {
            for script in [preset.dump, preset.restore] {
                let output = std::process::Command::new("sh").args(["-n", "-c", script]).output();
                let output = output.unwrap();
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "{}: {said}", preset.name);
            }
        }
    }
}
