//! Who is measured, each as well configured as its documentation says, and the server behind all of them.

use crate::failure::{Failure, Result};
use crate::{cargo, shell, static_program};
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The core of the server and of the load, and that of whoever is measured.
pub(super) const LOAD_CORE: &str = "0";
const CORE: &str = "1";
const SERVER: u16 = 19_300;
/// The server's addresses for connections that are not kept. There are 28,000 ports to come from for each, and a port rests for a
/// minute: with one address, the search for a free one would be what is measured.
const ADDRESSES: [&str; 8] = [
    "127.0.2.1",
    "127.0.2.2",
    "127.0.2.3",
    "127.0.2.4",
    "127.0.2.5",
    "127.0.2.6",
    "127.0.2.7",
    "127.0.2.8",
];
const START_LIMIT: Duration = Duration::from_secs(10);

/// One way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contestant {
    Direct,
    Gateway,
    Haproxy,
    Nginx,
}

impl Contestant {
    pub(super) const ALL: [Self; 4] = [Self::Direct, Self::Gateway, Self::Haproxy, Self::Nginx];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Gateway => "backstay-gateway",
            Self::Haproxy => "HAProxy",
            Self::Nginx => "nginx",
        }
    }

    /// Where it listens for HTTP, and for bytes.
    pub(super) fn port(self, tcp: bool) -> u16 {
        match self {
            Self::Direct => SERVER,
            other => SERVER + 2 * other as u16 + u16::from(tcp),
        }
    }
}

/// All of them, running.
pub(super) struct Field {
    folder: PathBuf,
    children: Vec<(Contestant, Child)>,
}

impl Field {
    /// Starts them.
    pub(super) fn start() -> Result<Self> {
        let gateway = static_program::gateway()?;
        let folder = cargo::target()?.join("bench-gateway");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("files")).map_err(Failure::on(&folder))?;
        let mut field = Self { folder, children: Vec::new() };
        field.file("files/1k", &"a".repeat(1 << 10))?;
        field.file("files/1m", &"a".repeat(1 << 20))?;
        let server = field.file("server.conf", &field.server())?;
        let nginx = field.file("nginx.conf", &field.nginx())?;
        let haproxy = field.file("haproxy.conf", &haproxy())?;
        let state = field.folder.join("state");
        let path = |path: &Path| path.to_string_lossy().into_owned();
        field.child(Contestant::Direct, LOAD_CORE, "nginx", &["-c", &path(&server)])?;
        field.child(Contestant::Nginx, CORE, "nginx", &["-c", &path(&nginx)])?;
        field.child(Contestant::Haproxy, CORE, "haproxy", &["-db", "-f", &path(&haproxy)])?;
        let serve = ["serve", "--threads", "1", "--state", &path(&state)];
        field.child(Contestant::Gateway, CORE, &path(&gateway), &serve)?;
        field.route(&gateway, &state)?;
        for who in Contestant::ALL {
            answers(who.port(false))?;
            answers(who.port(true))?;
        }
        Ok(field)
    }

    /// The processes of one of them.
    pub(super) fn processes(&self, who: Contestant) -> Vec<u32> {
        let first =
            self.children.iter().filter(|(one, _)| *one == who).map(|(_, child)| child.id());
        let mut all: Vec<u32> = first.collect();
        let mut next = 0;
        while let Some(pid) = all.get(next) {
            let path = format!("/proc/{pid}/task/{pid}/children");
            let text = fs::read_to_string(path).unwrap_or_default();
            all.extend(text.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
            next += 1;
        }
        all
    }

    pub(super) fn file(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(Failure::on(&path))?;
        Ok(path)
    }

    fn child(&mut self, who: Contestant, core: &str, program: &str, rest: &[&str]) -> Result<()> {
        let words = [&["-c", core, program], rest].concat();
        let log = fs::File::create(self.folder.join(format!("{}.log", who.name())));
        let log = log.map_err(Failure::on(&self.folder))?;
        let child = shell::command("taskset", &words)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| Failure::new(format!("can't run `{program}`: {error}")))?;
        self.children.push((who, child));
        Ok(())
    }

    /// Tells the gateway where to.
    fn route(&self, gateway: &Path, state: &Path) -> Result<()> {
        let listener = |tcp, mode| {
            serde_json::json!({
                "port": Contestant::Gateway.port(tcp), "mode": mode, "side": "outside", "label": "bench",
                "routes": [{ "service": if tcp { "bytes" } else { "server" }, "to": SERVER }]
            })
        };
        let service = |addresses: &[&str]| {
            let target = |address: &&str| serde_json::json!({ "id": address, "name": address, "address": address, "release": "1", "weight": 100 });
            let targets: Vec<_> = addresses.iter().map(target).collect();
            serde_json::json!({ "drain": 1, "stream_drain": 1, "targets": targets })
        };
        let request = serde_json::json!({ "op": "apply", "snapshot": {
            "format": 1, "generation": 1, "project": "bench",
            "services": { "server": service(&["127.0.0.1"]), "bytes": service(&ADDRESSES) },
            "listeners": [listener(false, "auto"), listener(true, "tcp")]
        } });
        let file = self.file("routes.json", &format!("{request}\n"))?;
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let input = fs::File::open(&file).map_err(Failure::on(&file))?;
            let said = shell::output(
                Command::new(gateway).arg("ctl").arg("--state").arg(state).stdin(input),
            )?;
            let said = String::from_utf8_lossy(&said.stdout).into_owned();
            if said.contains("\"applied\"") {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(Failure::new(format!("the gateway takes no routes: {said}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn server(&self) -> String {
        let common = self.common("server");
        let folder = self.folder.display();
        format!(
            "{common}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=10;
  {paths}
  server {{ listen {SERVER} backlog=4096; root {folder}/files; }}
}}
",
            paths = self.paths("server")
        )
    }

    fn nginx(&self) -> String {
        let common = self.common("nginx");
        let module = Path::new("/usr/lib/nginx/modules/ngx_stream_module.so");
        let module = if module.exists() {
            format!("load_module {};\n", module.display())
        } else {
            String::new()
        };
        let (http, tcp) = (Contestant::Nginx.port(false), Contestant::Nginx.port(true));
        format!(
            "{module}{common}
http {{
  access_log off; keepalive_requests 1000000000;
  {paths}
  upstream server {{ server 127.0.0.1:{SERVER}; keepalive 128; keepalive_requests 1000000000; }}
  server {{
    listen {http} backlog=4096;
    location / {{
      proxy_pass http://server;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto http;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_buffering off;
    }}
  }}
}}
stream {{
  upstream server {{ least_conn; {servers} }}
  server {{ listen {tcp} backlog=4096; proxy_pass server; tcp_nodelay on; }}
}}
",
            paths = self.paths("nginx"),
            servers = ADDRESSES.map(|address| format!("server {address}:{SERVER};")).join(" ")
        )
    }

    fn common(&self, name: &str) -> String {
        let folder = self.folder.display();
        format!(
            "daemon off; worker_processes 1; worker_rlimit_nofile 20000;
pid {folder}/{name}.pid; error_log {folder}/{name}.errors;
events {{ worker_connections 20000; multi_accept on; }}"
        )
    }

    fn paths(&self, name: &str) -> String {
        let folder = self.folder.display();
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        kinds.map(|kind| format!("{kind}_temp_path {folder}/{name}-temp;")).join(" ")
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        for (_, child) in &mut self.children {
            let pid = child.id().to_string();
            // In good order: what is killed leaves its children.
            let _ = shell::output(&mut shell::command("kill", &["-TERM", &pid]));
            let _ = child.wait();
        }
    }
}

fn haproxy() -> String {
    let (http, tcp) = (Contestant::Haproxy.port(false), Contestant::Haproxy.port(true));
    format!(
        "global
  maxconn 9000
  nbthread 1
defaults
  timeout connect 2s
  timeout client 60s
  timeout server 60s
frontend http
  mode http
  bind :{http} backlog 4096
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend http
backend http
  mode http
  http-reuse always
  server one 127.0.0.1:{SERVER}
frontend tcp
  mode tcp
  bind :{tcp} backlog 4096
  default_backend tcp
backend tcp
  mode tcp
  balance leastconn
{servers}
",
        servers =
            ADDRESSES.map(|address| format!("  server {address} {address}:{SERVER}")).join("\n")
    )
}

fn answers(port: u16) -> Result<()> {
    let deadline = Instant::now() + START_LIMIT;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > deadline {
            return Err(Failure::new(format!("nobody listens on port {port}")));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
