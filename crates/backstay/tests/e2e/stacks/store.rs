//! A small registry on this machine, which an engine takes for a safe one: it serves what was given to it as archives of
//! `docker save`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The first byte of who begins with TLS.
const HANDSHAKE: u8 = 0x16;

#[derive(Default)]
struct Content {
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: BTreeMap<String, Vec<u8>>,
    /// `name:tag` with the digest of its manifest.
    tags: BTreeMap<String, String>,
}

/// Serves for as long as the test runs.
pub(super) struct Registry {
    pub(super) port: u16,
    content: Arc<Mutex<Content>>,
}

impl Registry {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let content: Arc<Mutex<Content>> = Arc::default();
        let shared = Arc::clone(&content);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let content = Arc::clone(&shared);
                // A peer that hangs up is no news.
                std::thread::spawn(move || drop(serve(stream, &content)));
            }
        });
        Self { port, content }
    }

    /// `name:tag` is the image of this archive from now on.
    pub(super) fn push(&self, reference: &str, archive: &Path) {
        let files = unpacked(archive);
        let entry = serde_json::from_slice::<Value>(&files["manifest.json"]).unwrap()[0].take();
        let mut content = self.content.lock().unwrap();
        let config = content.part(CONFIG, files[text(&entry["Config"])].clone());
        let layers = entry["Layers"].as_array().unwrap().iter().map(|layer| {
            let data = files[text(layer)].clone();
            content.part(LAYER, if data.starts_with(&GZIP) { data } else { zipped(&data) })
        });
        let layers: Vec<Value> = layers.collect();
        let manifest =
            json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        let manifest = manifest.to_string().into_bytes();
        let digest = digest(&manifest);
        content.manifests.insert(digest.clone(), manifest);
        content.tags.insert(reference.to_owned(), digest);
    }
}

impl Content {
    fn part(&mut self, kind: &str, data: Vec<u8>) -> Value {
        let (digest, size) = (digest(&data), data.len());
        self.blobs.insert(digest.clone(), data);
        json!({"mediaType": kind, "size": size, "digest": digest})
    }

    /// The kind, the digest and the bytes of what is at a path.
    fn find(&self, path: &str) -> Option<(&'static str, String, Vec<u8>)> {
        if path == "/v2/" {
            return Some(("application/json", digest(b"{}"), b"{}".to_vec()));
        }
        let rest = path.strip_prefix("/v2/")?;
        if let Some((_, digest)) = rest.split_once("/blobs/") {
            return Some((
                "application/octet-stream",
                digest.to_owned(),
                self.blobs.get(digest)?.clone(),
            ));
        }
        let (name, reference) = rest.split_once("/manifests/")?;
        let tagged = self.tags.get(&format!("{name}:{reference}"));
        let digest = tagged.map_or(reference, String::as_str);
        Some((MANIFEST, digest.to_owned(), self.manifests.get(digest)?.clone()))
    }
}

fn serve(mut stream: TcpStream, content: &Mutex<Content>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    if reader.fill_buf()?.first() == Some(&HANDSHAKE) {
        // Learns from a plain answer that there is none.
        return stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    }
    let mut request = String::new();
    while reader.read_line(&mut request)? > 0 {
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let found = content.lock().unwrap().find(path.split('?').next().unwrap_or_default());
        let (status, kind, digest, data) = match found {
            Some((kind, digest, data)) => ("200 OK", kind, digest, data),
            None => {
                ("404 Not Found", "application/json", String::new(), b"{\"errors\":[]}".to_vec())
            }
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nDocker-Distribution-Api-Version: registry/2.0\r\nContent-Type: {kind}\r\nDocker-Content-Digest: {digest}\r\nContent-Length: {}\r\n\r\n",
            data.len()
        );
        stream.write_all(head.as_bytes())?;
        if method == "GET" {
            stream.write_all(&data)?;
        }
        request.clear();
    }
    Ok(())
}

/// The files of an archive; links are what they point to.
fn unpacked(archive: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut links = Vec::new();
    let file = fs::File::open(archive).unwrap();
    for entry in tar::Archive::new(file).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        if let Some(to) = entry.link_name().unwrap() {
            let place = Path::new(&name).parent().unwrap().join(to);
            links.push((name, plain(&place)));
            continue;
        }
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        files.insert(name, data);
    }
    for (name, to) in links {
        let data = files[&to].clone();
        files.insert(name, data);
    }
    files
}

/// A path without `..`.
fn plain(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part.as_os_str().to_string_lossy().as_ref() {
            ".." => drop(parts.pop()),
            part => parts.push(part.to_owned()),
        }
    }
    parts.join("/")
}

fn zipped(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn digest(data: &[u8]) -> String {
    let hash = Sha256::digest(data);
    format!("sha256:{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
