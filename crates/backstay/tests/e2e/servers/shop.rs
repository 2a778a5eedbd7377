//! A server with a program before it that writes rows, in versions that differ by a column.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::client::{Account, ask, write};
use super::image::Server;
use crate::harness::{Run, Stack, port};

/// The server's password.
pub(super) const PASSWORD: &str = "pl4nted-7f3e";

const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

pub(super) struct Shop {
    pub(super) stack: Stack,
    pub(super) port: u16,
    pub(super) server: Server,
}

impl Shop {
    /// One with this said of its data, not deployed yet; `more` stands at the top of its file.
    pub(super) fn new(name: &str, server: Server, data: &str, more: &str) -> Option<Self> {
        let stack = Stack::new(name)?;
        let base = stack.path().join("base");
        if !server.context(&base) {
            return None;
        }
        let label = format!("com.docker.compose.project={}", stack.project);
        let image = format!("{}-base:1", stack.project);
        let place = base.display().to_string();
        stack.lines(&["build", "-q", "--label", &label, "-t", &image, &place]);
        fs::remove_dir_all(&base).unwrap();
        let shop = Self { stack, port: port(), server };
        shop.stack.write(".env", &format!("SECRET={PASSWORD}\n"));
        shop.says(data, more).version("1", false);
        Some(shop)
    }

    /// The same with other words about its data.
    pub(super) fn says(&self, data: &str, more: &str) -> &Self {
        let (port, project) = (self.port, &self.stack.project);
        let words = "{POSTGRES_PASSWORD: \"${SECRET}\", MARIADB_ROOT_PASSWORD: \"${SECRET}\", VALKEY_PASSWORD: \"${SECRET}\"}";
        let check = "healthcheck: {test: [CMD, /bin/wget, -q, -O-, \"http://127.0.0.1:8080/cgi-bin/rows\"], interval: 5s, start_interval: 300ms, start_period: 5s, timeout: 10s, retries: 40}";
        let quick = "stop_grace_period: 10s\n    deploy: {update_config: {monitor: 1s}}";
        let app = format!(
            "  app:\n    build: app\n    environment: {words}\n    restart: unless-stopped\n    ports: [\"{port}:8080\"]\n    {check}\n    {quick}\n"
        );
        let ready = match self.server {
            Server::Postgres => {
                "psql -h 127.0.0.1 -U postgres -c 'select 1'".replace("psql", "PGPASSWORD=$$POSTGRES_PASSWORD psql")
            }
            Server::Mariadb => "MYSQL_PWD=$$MARIADB_ROOT_PASSWORD mariadb --no-defaults -h 127.0.0.1 -u root -e 'select 1'".to_owned(),
            _ => "VALKEYCLI_AUTH=$$VALKEY_PASSWORD REDISCLI_AUTH=$$VALKEY_PASSWORD valkey-cli -e ping".to_owned(),
        };
        let of_service = data.starts_with("{dump");
        let services = match self.server {
            Server::Sqlite if of_service => {
                app + &format!("    volumes: [\"rows:/data\"]\n    x-backstay: {{data: {data}}}\n")
            }
            Server::Sqlite => app + "    volumes: [\"rows:/data\"]\n",
            _ => format!(
                "{app}    depends_on: {{db: {{condition: service_healthy}}}}\n  db:\n    image: {project}-base:1\n    environment: {words}\n    restart: unless-stopped\n    volumes: [\"rows:/data\"]\n    \
                 healthcheck: {{test: [CMD-SHELL, \"{ready}\"], interval: 5s, start_interval: 500ms, start_period: 5s, timeout: 10s, retries: 60}}\n    {quick}\n    \
                 x-backstay: {{data: {data}}}\n"
            ),
        };
        let volume = match self.server {
            Server::Sqlite if !of_service => format!("{{rows: {{x-backstay: {{data: {data}}}}}}}"),
            _ => "{rows: }".to_owned(),
        };
        let text = format!("name: {project}\n{more}services:\n{services}volumes: {volume}\n");
        self.stack.write("docker-compose.yml", &text);
        self
    }

    /// The program is this version from now on. One after the first drops a column when it starts, and fails after that if it is to.
    pub(super) fn version(&self, version: &str, fails: bool) -> &Self {
        let folder = self.stack.path().join("app");
        fs::create_dir_all(&folder).unwrap();
        let mut text = format!("FROM {}-base:1\nCOPY version /app/version\n", self.stack.project);
        if fails {
            text.push_str("COPY version /app/fails\n");
        }
        text.push_str("ENTRYPOINT [\"/bin/sh\", \"/app/serve\"]\n");
        fs::write(folder.join("Dockerfile"), text).unwrap();
        fs::write(folder.join("version"), format!("{version}\n")).unwrap();
        self
    }

    pub(super) fn deploy(&self) -> Run {
        self.stack.backstay(&["deploy", "--yes"])
    }

    /// Takes a release's data back with it.
    pub(super) fn back(&self, release: Option<&str>) -> Run {
        let words = ["rollback", "--with-data", "--yes"].into_iter().chain(release);
        self.stack.backstay(&words.collect::<Vec<_>>())
    }

    /// The program answers as this version, at the latest after a moment.
    #[track_caller]
    pub(super) fn answers(&self, version: &str) -> &Self {
        let until = Instant::now() + PATIENCE;
        let mut got = ask(self.port, "version");
        while got.as_deref().map(str::trim) != Some(version) && Instant::now() < until {
            std::thread::sleep(LOOK);
            got = ask(self.port, "version");
        }
        assert_eq!(got.as_deref().map(str::trim), Some(version));
        self
    }

    /// Writes so many rows that are acknowledged.
    #[track_caller]
    pub(super) fn writes(&self, count: usize) -> Account {
        let mut account = Account::new();
        for _ in 0..count {
            account.extend(Some(write(self.port).expect("a row that is acknowledged")));
        }
        account
    }

    /// The rows that there are: the number of each, and its note.
    #[track_caller]
    pub(super) fn rows(&self) -> Vec<(u32, String)> {
        let text = ask(self.port, "rows").expect("rows");
        let text = text.strip_prefix("rows").unwrap_or_else(|| panic!("{text}"));
        let row = |line: &str| {
            let (number, note) = line.split_once('|').unwrap_or_else(|| panic!("{line}"));
            (number.parse().unwrap(), note.to_owned())
        };
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(row).collect()
    }

    /// All that was acknowledged is there, and the column with it where the schema is that of version 1.
    #[track_caller]
    pub(super) fn has(&self, account: &Account, column: bool) {
        let rows = self.rows();
        for (number, note) in &rows {
            let wanted = if column { format!("note {number}") } else { String::new() };
            assert_eq!(*note, wanted, "row {number}");
        }
        let lost: Vec<&u32> = account
            .keys()
            .filter(|number| !rows.iter().any(|(found, _)| found == *number))
            .collect();
        assert_eq!(lost, Vec::<&u32>::new(), "acknowledged, and lost, of {}", account.len());
    }

    /// The backups, newest first.
    pub(super) fn backups(&self) -> Vec<String> {
        let entries = fs::read_dir(self.stack.path().join(".backup")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.starts_with("20")).collect();
        names.sort();
        names.reverse();
        names
    }

    /// A command of the program, in a group of its own, whose output can be read.
    pub(super) fn spawnable(&self, arguments: &[&str]) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = self.stack.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command
    }
}
