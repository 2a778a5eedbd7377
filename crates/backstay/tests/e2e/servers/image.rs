//! Images with nothing in them but a server, its libraries, and a shell.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    Postgres,
    Mariadb,
    Valkey,
    /// A file, behind the program that uses it.
    Sqlite,
}

const DOCKERFILE: &str = "FROM scratch
COPY . /
COPY --chown=999:999 empty /data
ENV PATH=/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/bin
USER 999:999
ENTRYPOINT [\"/bin/sh\", \"/app/start\"]
";

/// What scripts call.
const APPLETS: [&str; 32] = [
    "sh", "ash", "cat", "sed", "grep", "mktemp", "tail", "tr", "env", "sleep", "test", "head",
    "rm", "mkdir", "chmod", "chown", "printf", "echo", "id", "kill", "ls", "cp", "mv", "true",
    "false", "wget", "httpd", "hostname", "basename", "dirname", "awk", "expr",
];

/// Where the packages are, if they are there.
pub(super) fn unpacked() -> Option<PathBuf> {
    let found = std::env::var_os("BACKSTAY_SERVERS").map(PathBuf::from);
    if found.is_none() {
        eprintln!("not run: BACKSTAY_SERVERS is not set; `cargo xtask test` sets it where it can");
    }
    found
}

impl Server {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mariadb => "mariadb",
            Self::Valkey => "valkey",
            Self::Sqlite => "sqlite",
        }
    }

    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &[
                "usr/lib/postgresql/17/bin/postgres",
                "usr/lib/postgresql/17/bin/initdb",
                "usr/lib/postgresql/17/bin/psql",
                "usr/lib/postgresql/17/bin/pg_dump",
                "usr/lib/postgresql/17/bin/pg_dumpall",
            ],
            Self::Mariadb => &[
                "usr/sbin/mariadbd",
                "usr/bin/mariadb",
                "usr/bin/mariadb-dump",
                "usr/bin/my_print_defaults",
                "usr/bin/resolveip",
            ],
            Self::Valkey => &["usr/bin/valkey-server", "usr/bin/valkey-cli"],
            Self::Sqlite => &["usr/bin/sqlite3"],
        }
    }

    /// Files and folders that are taken as they are.
    fn others(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &[
                "usr/lib/postgresql/17/lib/plpgsql.so",
                "usr/lib/postgresql/17/lib/dict_snowball.so",
                "usr/share/postgresql/17",
            ],
            Self::Mariadb => &["usr/bin/mariadb-install-db", "usr/share/mariadb"],
            _ => &[],
        }
    }

    fn start(self) -> &'static str {
        match self {
            Self::Postgres => include_str!("images/postgres.sh"),
            Self::Mariadb => include_str!("images/mariadb.sh"),
            Self::Valkey => include_str!("images/valkey.sh"),
            Self::Sqlite => "",
        }
    }

    fn client(self) -> &'static str {
        match self {
            Self::Postgres => include_str!("images/postgres-client.sh"),
            Self::Mariadb => include_str!("images/mariadb-client.sh"),
            Self::Valkey => include_str!("images/valkey-client.sh"),
            Self::Sqlite => include_str!("images/sqlite-client.sh"),
        }
    }

    /// The context of the image that the server and the program before it begin from. `false` where the packages are not there.
    pub(super) fn context(self, folder: &Path) -> bool {
        let Some(root) = unpacked() else { return false };
        for part in ["bin", "lib", "lib64", "tmp", "etc", "app", "www/cgi-bin", "empty"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        for part in ["tmp", "run/mysqld", "var/run/postgresql"] {
            let place = folder.join(part);
            fs::create_dir_all(&place).unwrap();
            fs::set_permissions(&place, fs::Permissions::from_mode(0o1777)).unwrap();
        }
        let shell = folder.join("bin/busybox");
        fs::copy(root.join("usr/bin/busybox"), shell).unwrap();
        for applet in APPLETS {
            symlink("busybox", folder.join("bin").join(applet)).unwrap();
        }
        let loader = loader(&root);
        let of_the_image = folder.join("lib64").join(loader.file_name().unwrap());
        fs::copy(&loader, of_the_image).unwrap();
        for program in self.programs() {
            copy(&root.join(program), &folder.join(program));
            for library in libraries(&root, &loader, program) {
                let name = library.file_name().unwrap().to_owned();
                copy(&library, &folder.join("lib").join(name));
            }
        }
        if self == Self::Mariadb {
            // The names that they had, and by which people call them.
            for (old, new) in [("mysql", "mariadb"), ("mysqldump", "mariadb-dump")] {
                symlink(new, folder.join("usr/bin").join(old)).unwrap();
            }
        }
        for other in self.others() {
            copy_all(&root.join(other), &folder.join(other));
        }
        let users = "root:x:0:0:root:/:/bin/sh\nserver:x:999:999:server:/data:/bin/sh\n";
        let cgi = folder.join("www/cgi-bin/rows");
        for (file, text) in [
            ("etc/passwd", users),
            ("etc/group", "root:x:0:\nserver:x:999:\n"),
            ("Dockerfile", DOCKERFILE),
            ("app/start", self.start()),
            ("app/serve", include_str!("images/app.sh")),
            ("app/client", self.client()),
            ("www/cgi-bin/rows", include_str!("images/cgi.sh")),
        ] {
            fs::write(folder.join(file), text).unwrap();
        }
        fs::set_permissions(&cgi, fs::Permissions::from_mode(0o755)).unwrap();
        true
    }
}

fn loader(root: &Path) -> PathBuf {
    let places = ["usr/lib64", "usr/lib"].map(|place| root.join(place));
    let entries = places.iter().flat_map(|place| fs::read_dir(place).into_iter().flatten());
    let mut paths = entries.map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux"))
    };
    paths.find(is_it).expect("no ld-linux in the packages")
}

/// What a program is linked with, as the packages' own loader says.
fn libraries(root: &Path, loader: &Path, program: &str) -> Vec<PathBuf> {
    let mut triples =
        fs::read_dir(root.join("usr/lib")).unwrap().map(|entry| entry.unwrap().path());
    let place = triples.find(|path| path.to_string_lossy().ends_with("-linux-gnu"));
    let mut command = Command::new(loader);
    command.arg("--library-path").arg(place.expect("no folder of libraries"));
    let output = command.arg("--list").arg(root.join(program)).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let paths = text.lines().filter_map(|line| line.split_whitespace().nth(2));
    paths.filter(|path| path.starts_with('/')).map(PathBuf::from).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}

fn copy_all(from: &Path, to: &Path) {
    if !from.is_dir() {
        return copy(from, to);
    }
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        // What a link leads to may be of a package that is not here.
        if entry.path().exists() {
            copy_all(&entry.path(), &to.join(entry.file_name()));
        }
    }
}
