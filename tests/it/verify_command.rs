//! `dockfix verify` as a program: its exit codes, and what it says of files that it cannot take.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

fn verify(folder: &Path, args: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dockfix"))
        .arg("verify")
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that complains about its arguments does not read its input.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("a", "FROM x\nRUN a  b\nCMD c\n"),
        ("layout", "from x\nRUN a  b\n\nCMD c\n"),
        ("blanks", "FROM x\nRUN a b\nCMD c\n"),
        ("image", "FROM x\nRUN a  b\nCMD [\"c\"]\n"),
        ("open", "FROM x\nRUN [\"/bin/sh\", \"-c\", \"a  b\"]\nCMD c\n"),
        ("failing", "FROM x\nRNU a\n"),
        ("unparsable", "FROM x\nRUN <<EOF\na\n"),
        ("empty", ""),
        ("unset", "FROM $X\nRUN a\n"),
        ("unset-layout", "from $X\nRUN \\\n  a\n"),
        ("unset-more", "FROM $X\nRUN a b\n"),
        ("template", "FROM {{ base }}\n"),
        ("foreign", "# syntax=example.com/other\nFROM x\n"),
    ];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    folder
}

#[test]
fn the_exit_code_says_what_differs() {
    let folder = folder();
    let code = |args: &[&str]| verify(folder.path(), args, "").status.code().unwrap();
    assert_eq!(code(&["a", "layout"]), 0);
    assert_eq!(code(&["a", "blanks"]), 1);
    assert_eq!(code(&["a", "blanks", "--max-effect", "rebuild"]), 0);
    assert_eq!(code(&["a", "image", "--max-effect", "rebuild"]), 1);
    assert_eq!(code(&["a", "image", "--max-effect", "image"]), 0);
    // What can't be told is never let pass.
    assert_eq!(code(&["a", "open", "--max-effect", "image"]), 1);
    assert_eq!(code(&["a", "failing", "--max-effect", "image"]), 1);
    assert_eq!(code(&["failing", "a"]), 1);
    // What reads alike is one build, whatever BuildKit says of it.
    assert_eq!(code(&["unset", "unset-layout"]), 0);
    assert_eq!(code(&["unset", "unset-more", "--max-effect", "image"]), 1);
}

#[test]
fn standard_input_is_either_file() {
    let folder = folder();
    let text = std::fs::read_to_string(folder.path().join("layout")).unwrap();
    for args in [["a", "-"], ["-", "a"]] {
        assert_eq!(verify(folder.path(), &args, &text).status.code(), Some(0));
    }
    let json = verify(folder.path(), &["-", "blanks", "--output-format", "json"], &text);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((json["verdict"].as_str(), json["steps_rebuilt"].as_u64()), (Some("rebuild"), Some(1)));
}

#[test]
fn bad_input_is_named() {
    let folder = folder();
    for (args, message) in [
        (["a", "a"], "error: a: both are the same file"),
        (["a", "./a"], "error: a and ./a: both are the same file"),
        (["-", "-"], "error: <stdin>: both are the same file"),
        (["a", "folder"], "error: folder: not a regular file"),
        (["nothing", "a"], "error: nothing: no such file or folder"),
        (["a", "unparsable"], "error: unparsable:2:1: heredoc without its end: no line `EOF` follows"),
        (["empty", "a"], "error: empty:1:1: no instruction in the file"),
        (["a", "template"], "error: template: it is a template (Go or Jinja), no Dockerfile"),
        (
            ["foreign", "a"],
            "error: foreign: `# syntax` names the frontend `example.com/other`, whose grammar is not known",
        ),
    ] {
        let out = verify(folder.path(), &args, "");
        let words = String::from_utf8(out.stderr).unwrap();
        assert_eq!(words.lines().next(), Some(message), "{args:?}");
        assert_eq!((out.status.code(), out.stdout.as_slice()), (Some(2), &b""[..]), "{args:?}");
    }
}

#[test]
fn standard_input_is_bounded_and_named() {
    let folder = folder();
    // A file with a hole takes no room on the disk.
    let long = std::fs::File::create(folder.path().join("long")).unwrap();
    long.set_len(dockfix::files::MAX_SIZE + 1).unwrap();
    let said = |input: &str| {
        let input = std::fs::File::open(folder.path().join(input)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockfix"));
        let out = command.args(["verify", "-", "a"]).current_dir(folder.path()).stdin(input).output().unwrap();
        assert_eq!(out.status.code(), Some(2));
        String::from_utf8(out.stderr).unwrap()
    };
    assert_eq!(said("long"), "error: <stdin>: longer than 256 MiB, which is the most that is read\n");
    if cfg!(unix) {
        assert!(said("folder").starts_with("error: <stdin>: "));
    }
}
