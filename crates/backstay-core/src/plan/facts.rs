//! What is known of a service beside its definition: what its image says of itself, what its containers do, what it mounts.

use std::collections::BTreeSet;

use crate::engine::ImageFacts;

/// What is known of a service. What can't be found out is left empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// What its image says; `None` where the engine does not have it.
    pub image: Option<ImageFacts>,
    /// Whether its running containers listen on a TCP port; `None` where that can't be seen.
    pub listens: Option<bool>,
    /// The TCP ports on which they do.
    pub ports: BTreeSet<u16>,
    /// Sources of its bind mounts that are folders.
    pub folders: BTreeSet<String>,
}

/// Ports that databases, and nobody else, are known to listen on.
const DATABASE_PORTS: [u16; 20] = [
    1433, 1521, 2379, 2380, 3306, 5432, 5672, 5984, 6379, 7687, 8086, 8123, 9042, 9092, 9200, 9300,
    11211, 26257, 27017, 33060,
];

/// Variables that the images of databases set.
const DATABASE_VARIABLES: [&str; 14] = [
    "CASSANDRA_CONF",
    "CLICKHOUSE_CONFIG",
    "COUCHDB_ARGS_FILE",
    "GOSU_MYSQL",
    "INFLUXDB_VERSION",
    "MARIADB_VERSION",
    "MONGO_MAJOR",
    "MONGO_VERSION",
    "MYSQL_MAJOR",
    "MYSQL_VERSION",
    "PGDATA",
    "PG_MAJOR",
    "RABBITMQ_DATA_DIR",
    "VALKEY_VERSION",
];

/// Programs that are databases.
const DATABASE_PROGRAMS: [&str; 24] = [
    "cassandra",
    "clickhouse-server",
    "cockroach",
    "couchdb",
    "elasticsearch",
    "etcd",
    "influxd",
    "kafka-server-start.sh",
    "keydb-server",
    "mariadbd",
    "memcached",
    "minio",
    "mongod",
    "mysqld",
    "neo4j",
    "opensearch",
    "postgres",
    "rabbitmq-server",
    "redis-sentinel",
    "redis-server",
    "sqlservr",
    "valkey-server",
    "zkServer.sh",
    "zookeeper-server-start.sh",
];

impl ImageFacts {
    /// What makes it the image of a database, in a word; `command` is what a service runs instead of the image's own command.
    #[must_use]
    pub fn database(&self, command: &[String]) -> Option<String> {
        let words = if command.is_empty() { &self.command } else { command };
        let programs = words.iter().chain(&self.command).flat_map(|word| word.split_whitespace());
        let mut programs = programs.map(|word| word.rsplit('/').next().unwrap_or(word));
        if let Some(program) = programs.find(|word| DATABASE_PROGRAMS.contains(word)) {
            return Some(program.to_owned());
        }
        let variable = |name: &&String| DATABASE_VARIABLES.contains(&name.as_str());
        if let Some(name) = self.variables.iter().find(variable) {
            return Some(name.clone());
        }
        self.ports.iter().find(|port| DATABASE_PORTS.contains(port)).map(u16::to_string)
    }

    /// The names of the programs that it runs.
    pub(super) fn programs(&self) -> impl Iterator<Item = &str> {
        let words = self.command.iter().flat_map(|word| word.split_whitespace());
        words.map(|word| word.rsplit('/').next().unwrap_or(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_known_by_what_its_image_says() {
        let none = ImageFacts::default();
        assert_eq!(none.database(&[]), None);
        let port = ImageFacts { ports: [80, 5432].into(), ..none.clone() };
        assert_eq!(port.database(&[]).as_deref(), Some("5432"));
        let variable =
            ImageFacts { variables: ["PATH".into(), "PGDATA".into()].into(), ..none.clone() };
        assert_eq!(variable.database(&[]).as_deref(), Some("PGDATA"));
        let program = ImageFacts {
            command: vec!["docker-entrypoint.sh".into(), "/usr/bin/mongod".into()],
            ..none.clone()
        };
        assert_eq!(program.database(&[]).as_deref(), Some("mongod"));
        let said = ["sh".to_owned(), "-c".to_owned(), "exec redis-server --save 60".to_owned()];
        assert_eq!(none.database(&said).as_deref(), Some("redis-server"));
        let app = ImageFacts { ports: [8080].into(), command: vec!["java".into()], ..none };
        assert_eq!(app.database(&[]), None);
    }
}
