//! The binary as scripts use it: exit codes, the line they wait for, accounts beside a running server.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn concord(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    command.current_dir(folder).env_clear();
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    concord(folder).args(arguments).output().expect("the binary runs")
}

/// Output of a success.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// The one line of a refusal.
fn refused(output: &Output) -> String {
    let line = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(line.starts_with("concord: ") && line.trim_end().lines().count() == 1, "{line:?}");
    line
}

/// Starts a server and reads what it prints until it listens.
fn serve(folder: &Path) -> (Child, Vec<String>) {
    let mut child = concord(folder)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut lines = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("text");
        let is_last = line.starts_with("listening on http://127.0.0.1:");
        lines.push(line);
        if is_last {
            break;
        }
    }
    (child, lines)
}

#[test]
fn bad_configuration_is_one_line_and_exit_code_two() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    for (arguments, hint) in [
        (&[][..], "serve"),
        (&["serve", "--bogus"], "--bogus"),
        (&["serve", "--listen", "here"], "127.0.0.1:8484"),
        (&["serve", "--database", "mysql://user:secret@host/db"], "sqlite://"),
        (
            &["serve", "--database", "postgres://user:secret@127.0.0.1:1/db"],
            "postgres://127.0.0.1:1/db: storage is not available",
        ),
        (&["member", "list", "--database", "postgres://user:secret@127.0.0.1:1/db"], "refused"),
        (&["backup", "copy", "--database", "postgres://user:secret@127.0.0.1:1/db"], "pg_dump"),
        (&["serve", "--database", "sqlite:///proc/none/concord.db"], "/proc/none"),
        (&["member", "list"], "no organization"),
    ] {
        let line = refused(&run(at, arguments));
        assert!(line.contains(hint) && !line.contains("secret"), "{line}");
    }
    let half = concord(at).arg("serve").env("CONCORD_ORG", "Acme").output().expect("the binary runs");
    assert!(refused(&half).contains("CONCORD_ADMIN_EMAIL"));
    assert!(run(at, &["--help"]).status.success() && run(at, &["--version"]).status.success());
}

#[test]
fn accounts_are_managed_beside_a_running_server_which_stops_on_sigterm() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let key =
        printed(at, &["org", "add", "Acme", "--owner-email", "eva@example.com", "--owner-password", "correct horse"]);
    assert!(key.starts_with("sk-"));
    let (mut server, lines) = serve(at);
    assert_eq!(lines.len(), 1, "no set-up link once there is an organization: {lines:?}");
    assert!(refused(&run(at, &["serve", "--listen", "127.0.0.1:0"])).contains("in use"));

    let added = printed(at, &["member", "add", "noor@example.com", "--name", "Noor", "--role", "lead"]);
    assert!(added.contains("/invitation/"), "{added}");
    assert!(printed(at, &["key", "add", "noor@example.com", "--name", "ci", "--ingest"]).starts_with("sk-"));
    assert!(printed(at, &["key", "list"]).contains("\tci\tingest\t"));
    assert!(printed(at, &["member", "invite", "noor@example.com"]).contains("/invitation/"));
    printed(at, &["member", "remove", "noor@example.com"]);
    assert!(printed(at, &["member", "list"]).ends_with("\tlead\tremoved"));
    assert!(refused(&run(at, &["member", "remove", "eva@example.com"])).contains("last owner"));

    let killed = Command::new("kill").arg(server.id().to_string()).status().expect("kill runs");
    assert!(killed.success());
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}

#[test]
fn an_empty_server_prints_a_set_up_link_before_it_is_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut server, lines) = serve(folder.path());
    server.kill().expect("it can be killed");
    server.wait().expect("it ends");
    assert!(lines.len() == 2 && lines[0].contains("/setup?token="), "{lines:?}");
}

#[test]
fn a_database_is_verified_rebuilt_backed_up_and_restored() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    for command in [&["audit", "verify"][..], &["rebuild"], &["backup", "copy.db"]] {
        assert!(refused(&run(at, command)).contains("there is no database at concord-data/concord.db"));
    }
    printed(at, &["org", "add", "Acme", "--owner-email", "eva@example.com", "--owner-password", "correct horse"]);
    let (mut server, _) = serve(at);

    assert_eq!(printed(at, &["audit", "verify"]), "sound: 0 audit entries, 0 reviews with 0 changes, 0 rows");
    assert!(refused(&run(at, &["rebuild"])).contains("in use by another concord server"));
    assert!(printed(at, &["backup", "copy.db"]).starts_with("wrote copy.db ("));
    assert!(refused(&run(at, &["backup", "copy.db"])).contains("copy.db exists already"));
    assert!(refused(&run(at, &["restore", "copy.db"])).contains("in use by another concord server"));
    let killed = Command::new("kill").arg(server.id().to_string()).status().expect("kill runs");
    assert!(killed.success() && server.wait().expect("it ends").success());

    assert!(refused(&run(at, &["restore", "copy.db"])).contains("concord-data/concord.db exists already"));
    assert!(refused(&run(at, &["restore", "none.db"])).contains("there is no database at none.db"));
    std::fs::write(at.join("text.db"), "no database").expect("a file");
    let elsewhere = ["--database", "sqlite://elsewhere/concord.db"];
    assert!(refused(&run(at, &["restore", "text.db", elsewhere[0], elsewhere[1]])).contains("cannot be restored"));
    printed(at, &["restore", "copy.db", elsewhere[0], elsewhere[1]]);
    assert!(printed(at, &["member", "list", elsewhere[0], elsewhere[1]]).contains("eva@example.com"));
    assert_eq!(printed(at, &["rebuild", elsewhere[0], elsewhere[1]]), "rebuilt: 0 reviews, 0 rows; 0 differed");
    let left: Vec<_> =
        std::fs::read_dir(at).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("partial")), "{left:?}");
}
