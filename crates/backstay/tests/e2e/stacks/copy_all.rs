//! `COPY . .`: the folder of the stack is the image.

use std::fs;

use super::site::{CHECK, QUICK, Site, answers};
use crate::harness::port;

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_stack_whose_folder_is_its_image_serves_its_files() {
    let Some(site) = Site::new("copyall") else { return };
    let port = port();
    site.compose(&format!(
        "services:
  site:
    build: .
    restart: unless-stopped
    ports: [\"{port}:8080\"]
    {CHECK}
    {QUICK}
"
    ));
    let dockerfile = "FROM scratch\nCOPY . .\nENTRYPOINT [\"/demo-server\"]\n";
    site.write("Dockerfile", dockerfile).write("public/index.html", "one\n");
    site.deploy().ends(0);
    answers(port, "/file/public/index.html", "one");
    // Nothing is changed by having been deployed.
    site.deploy().ends(0).says("up to date");

    fs::write(site.stack.path().join("public/index.html"), "two\n").unwrap();
    site.deploy().ends(0);
    answers(port, "/file/public/index.html", "two");

    site.write("demo.mode", "never-healthy\n").write("public/index.html", "three\n");
    site.deploy().ends(10);
    answers(port, "/file/public/index.html", "two");
    assert_eq!(site.stack.read("public/index.html"), "three\n");

    site.rollback().ends(0);
    answers(port, "/file/public/index.html", "one");
}
