//! An engine that is somewhere else, as far as anybody can tell: it is spoken to over TCP, and its volumes can't be reached.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;

use super::image::Server;
use super::shop::Shop;
use crate::harness::{Run, Stack, port, web};

/// What `DOCKER_HOST` has to be. It is served for as long as the tests run.
fn far(stack: &Stack) -> String {
    let engine = stack.socket();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(engine) = UnixStream::connect(&engine) else { continue };
            // Whoever hangs up makes no more than an end of this connection.
            thread::spawn(move || drop(serve(client, engine)));
        }
    });
    format!("tcp://{address}")
}

fn serve(client: TcpStream, engine: UnixStream) -> io::Result<()> {
    let (mut asks, mut hears) = (client.try_clone()?, engine.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut asks, &mut hears);
        // What it answers is still to come.
        let _ = hears.shutdown(Shutdown::Write);
    });
    let (mut answers, mut said) = (engine, client);
    let copied = io::copy(&mut answers, &mut said);
    said.shutdown(Shutdown::Both)?;
    answers.shutdown(Shutdown::Both)?;
    copied.map(drop)
}

fn from_afar(stack: &Stack, host: &str, arguments: &[&str]) -> Run {
    let output = stack.command(arguments).env("DOCKER_HOST", host).output().unwrap();
    Run::new(arguments, &output)
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn files_come_back_by_the_shell_of_the_image() {
    let Some(shop) = Shop::new("srv-far", Server::Sqlite, "{copy: stop}", "") else { return };
    shop.deploy().ends(0);
    let host = far(&shop.stack);
    let first = shop.answers("1").writes(3);
    from_afar(&shop.stack, &host, &["data", "save"]).ends(0).says("_backup.");
    let kept = shop.backups().remove(0);
    let mut all = first.clone();
    all.extend(shop.answers("1").writes(3));
    from_afar(&shop.stack, &host, &["data", "restore", "--yes", &kept]).ends(0);
    shop.answers("1").has(&first, true);
    assert_eq!(shop.rows().len(), first.len());
    from_afar(&shop.stack, &host, &["data", "restore", "--yes"]).ends(0);
    shop.answers("1").has(&all, true);
    assert_eq!(shop.rows().len(), all.len());
    assert_eq!(shop.stack.leftovers(), Vec::<String>::new());
}

#[test]
fn without_a_shell_they_stay_as_they_are() {
    let Some(stack) = Stack::new("srv-far-bare") else { return };
    let volume =
        "    volumes: [\"rows:/data\"]\nvolumes: {rows: {x-backstay: {data: {copy: stop}}}}\n";
    stack.mode("app", "ok").compose_file(&(web("app", port()) + volume));
    stack.backstay(&["deploy"]).ends(0);
    stack.backstay(&["data", "save"]).ends(0);
    let before = stack.picture();
    let refused = from_afar(&stack, &far(&stack), &["data", "restore", "--yes"]).ends(10);
    refused.says("has no `sh`");
    assert_eq!(stack.picture(), before);
    // From here it comes back.
    stack.backstay(&["data", "restore", "--yes"]).ends(0);
    assert_eq!(stack.leftovers(), Vec::<String>::new());
}
