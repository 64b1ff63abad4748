//! `check --write-baseline` and `--baseline`.

use crate::program::{self, Folder, Said};

const FILE: &str = ".dockfix-baseline.json";
const TEXT: &str = "FROM debian:12\nENV a b\nENV c d\nENV a b\n";

/// `check`, with one rule.
fn check(folder: &Folder, args: &[&str]) -> Said {
    folder.run(&[&["check", "--select=legacy-key-value", "--output-format=concise"], args].concat())
}

/// A folder with a baseline.
fn known() -> Folder {
    let folder = Folder::new(&[("b/Dockerfile", TEXT), ("a/Dockerfile", "FROM a\nENV a b\n")]);
    let said = folder.run(&["check", "--select=legacy-key-value", "--write-baseline"]);
    let expected = format!("4 findings in 2 files written to {FILE}\n");
    assert_eq!((said.code, said.out.as_str(), said.err), (0, "", expected));
    folder
}

#[test]
fn what_is_old_passes_and_what_is_new_does_not() {
    let folder = known();
    let text = folder.read(FILE);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let files: Vec<&String> = value["findings"].as_object().unwrap().keys().collect();
    assert_eq!(
        (value["version"].as_u64(), files),
        (Some(1), vec![&"a/Dockerfile".to_owned(), &"b/Dockerfile".to_owned()])
    );
    // A report and a baseline know a finding by the same fingerprint.
    let json = folder.run(&["check", "--select=legacy-key-value", "--output-format=json-lines", "-q", "a"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["findings"]["a/Dockerfile"]["legacy-key-value"], serde_json::json!([json["fingerprint"]]));

    let passed = check(&folder, &["--baseline"]);
    assert_eq!((passed.code, passed.out.as_str(), passed.err.as_str()), (0, "", "no findings in 2 files\n"));
    assert_eq!(folder.run(&["ci", "--select=legacy-key-value", "--baseline"]).code, 0);
    assert_eq!(check(&folder, &[]).code, 1);
    // The third of the same is new, and so is another text.
    folder.write("b/Dockerfile", format!("{TEXT}ENV a b\nENV e f\n"));
    let said = check(&folder, &["--baseline"]);
    assert_eq!((said.code, said.out.lines().count()), (1, 2), "{said:?}");
    assert!(said.out.contains("b/Dockerfile:5:") && said.out.contains("b/Dockerfile:6:"), "{}", said.out);
    assert_eq!(folder.run(&["ci", "--select=legacy-key-value", "--baseline", "-q"]).code, 1);
    // Written again it is the same, byte for byte, if nothing changed.
    folder.write("b/Dockerfile", TEXT);
    assert_eq!(folder.run(&["check", "--select=legacy-key-value", "--write-baseline", "-q"]).code, 0);
    assert_eq!(folder.read(FILE), text);
}

#[test]
fn what_moved_is_known_again() {
    let folder = known();
    folder.write("b/Dockerfile", "# new\nFROM debian:12\n\nENV   c   d\nRUN x\nENV a b\nENV a \\\n  b\n");
    std::fs::create_dir(folder.join("c")).unwrap();
    std::fs::rename(folder.join("a/Dockerfile"), folder.join("c/Dockerfile")).unwrap();
    let said = check(&folder, &["--baseline"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", "no findings in 2 files\n"));
    // Also from another folder, and for a file that is named in another way.
    let mut command =
        folder.command(&["check", "--select=legacy-key-value", "--baseline=../.dockfix-baseline.json", "-q"]);
    command.current_dir(folder.join("b"));
    assert_eq!(program::said(command).code, 0);
    let path = folder.join("b/../b/Dockerfile");
    assert_eq!(check(&folder, &["--baseline", "-q", path.to_str().unwrap()]).code, 0);
}

#[test]
fn what_is_stale_is_said() {
    let folder = known();
    folder.write("b/Dockerfile", "FROM debian:12\nENV a b\n");
    std::fs::remove_file(folder.join("a/Dockerfile")).unwrap();
    let anew = |flag: &str| format!("`dockfix check {flag}` writes it anew, with all that is found then\n");
    let stale = format!("3 entries of {FILE} are stale; {}", anew("--write-baseline"));
    let said = check(&folder, &["--baseline"]);
    assert_eq!((said.code, said.err), (0, format!("{stale}no findings in 1 file\n")));
    let said = check(&folder, &["--baseline", "--verbose"]);
    assert!(said.err.contains("  a/Dockerfile: legacy-key-value: "), "{}", said.err);
    assert_eq!(check(&folder, &["--baseline", "-q"]).err, "");
    // The command writes the file that was read.
    folder.write("b.json", folder.read(FILE));
    folder.write("b/Dockerfile", "FROM debian:12\nENV a b\nENV c d\n");
    std::fs::create_dir_all(folder.join("a")).unwrap();
    folder.write("a/Dockerfile", "FROM a\nENV a b\n");
    let said = check(&folder, &["--baseline=b.json"]);
    let stale = format!("1 entry of b.json is stale; {}", anew("--write-baseline=b.json"));
    assert_eq!((said.code, said.err), (0, format!("{stale}no findings in 2 files\n")));
    folder.write("b/Dockerfile", "FROM debian:12\nENV a b\n");
    // A run says nothing of what it did not look at: another file, another rule.
    folder.write("d/Dockerfile", "FROM a\n");
    folder.write("a/Dockerfile", "FROM a\n");
    assert_eq!(check(&folder, &["d", "--baseline"]).err, "no findings in 1 file\n");
    assert_eq!(folder.run(&["check", "--select=maintainer", "--baseline"]).err, "no findings in 3 files\n");
    // And keeps it where it writes.
    let said = folder.run(&["check", "--select=legacy-key-value", "--write-baseline", "a"]);
    assert_eq!(said.err, format!("3 findings in 1 file written to {FILE}\n"));
    let said = folder.run(&["check", "--select=maintainer", "--write-baseline"]);
    assert_eq!(said.err, format!("3 findings in 1 file written to {FILE}\n"));
    let said = folder.run(&["check", "--select=legacy-key-value", "--write-baseline"]);
    assert_eq!(said.err, format!("1 finding in 1 file written to {FILE}\n"));
    assert_eq!(check(&folder, &["--baseline"]).err, "no findings in 3 files\n");
}

#[test]
fn a_name_without_its_sign_is_no_dockerfile() {
    let folder =
        Folder::new(&[("Dockerfile", TEXT), ("known.json", "{}\n"), (FILE, "{\"version\": 1, \"findings\": {}}\n")]);
    for (args, words) in [
        (["--write-baseline", "known.json"], "stands behind `=`: `--write-baseline=known.json`\n"),
        (["--write-baseline", "new.json"], "stands behind `=`: `--write-baseline=new.json`\n"),
        (["--baseline", "known.json"], "stands behind `=`: `--baseline=known.json`\n"),
        (["--write-baseline", "none"], "none: no such file or folder; no baseline was written\nhelp: "),
        (["--write-baseline=known.json", "none"], "none: no such file or folder; no baseline was written\n"),
    ] {
        let said = folder.run(&[&["check"][..], &args, &["Dockerfile"]].concat());
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
        assert!(said.err.contains(words), "{args:?}: {}", said.err);
    }
    assert!(folder.read(FILE).contains("\"findings\": {}") && folder.read("known.json") == "{}\n");
}

#[test]
fn a_baseline_is_looked_for_upward() {
    let folder = Folder::new(&[("a/b/Dockerfile", TEXT)]);
    assert_eq!(folder.run(&["check", "--write-baseline"]).code, 0);
    let mut command = folder.command(&["check", "--baseline"]);
    let said = command.current_dir(folder.join("a/b")).output().unwrap();
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn a_bad_baseline_is_one_line() {
    let folder = Folder::new(&[("Dockerfile", TEXT), ("package.json", "{\"name\": \"x\"}\n"), ("folder/x", "")]);
    folder.write("cut", "{\n");
    folder.write("conflict", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n");
    for (args, why) in [
        (
            &["--baseline"][..],
            ".dockfix-baseline.json: no such file or folder; `dockfix check --write-baseline` writes one",
        ),
        (&["--baseline=folder"], "folder: not a regular file"),
        (
            &["--write-baseline=cut"],
            "cut: no baseline of dockfix: EOF while parsing an object at line 2 column 0; remove it, and `dockfix check \
             --write-baseline=cut` writes it anew",
        ),
        (
            &["--baseline=conflict"],
            "conflict: no baseline of dockfix: expected value at line 1 column 1; remove it, and `dockfix check \
             --write-baseline=conflict` writes it anew",
        ),
        (
            &["--baseline=package.json"],
            "package.json: no baseline of dockfix: missing field `version` at line 1 column 13",
        ),
        (
            &["--write-baseline=package.json"],
            "package.json: no baseline of dockfix: missing field `version` at line 1 column 13",
        ),
        (&["--write-baseline=none/x"], "none/x: no such file or folder"),
    ] {
        let said = folder.run(&[&["check"], args].concat());
        assert_eq!((said.code, said.out, said.err), (2, String::new(), format!("error: {why}\n")), "{args:?}");
    }
    assert_eq!(folder.read("package.json"), "{\"name\": \"x\"}\n");
    assert_eq!(folder.run(&["check", "--write-baseline", "--output-format=json"]).code, 2);
    // What BuildKit refuses is in no baseline.
    folder.write("Dockerfile", format!("{TEXT}RNU x\n"));
    assert_eq!(folder.run(&["check", "--write-baseline"]).code, 2);
    let said = folder.run(&["check", "--baseline", "-q"]);
    assert_eq!(
        (said.code, said.err.lines().next()),
        (2, Some("Dockerfile:5:1: error: unknown instruction `RNU` (did you mean RUN?)"))
    );
}
