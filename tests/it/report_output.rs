//! Where reports go, and what the exit code makes of them.

use std::fs;

use crate::program::Folder;

const TWO: &str =
    "FROM debian:12\nENV a b\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n";

#[test]
fn an_output_file_is_there_whole_or_not_at_all() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nENV a b\n"), ("old.json", "old")]);
    let args = ["check", "--select=legacy-key-value", "--output-format=json", "--color=always"];
    let expected = folder.run(&args).out;
    for name in ["new.json", "old.json", "./old.json"] {
        let said = folder.run(&[&args[..], &["--output-file", name]].concat());
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
        assert_eq!(folder.read(name), expected);
    }
    assert_eq!(folder.names(), ["Dockerfile", "new.json", "old.json"]);
    // A run that can't be done leaves the old file.
    let said = folder.run(&["check", "-", "Dockerfile", "--output-file=old.json"]);
    assert_eq!((said.code, folder.read("old.json")), (2, expected));
    assert_eq!(folder.names(), ["Dockerfile", "new.json", "old.json"]);
    // Colours are for terminals.
    folder.run(&["check", "--color=always", "--output-file=full.txt"]);
    assert!(folder.read("full.txt").starts_with("warning[legacy-key-value]: "), "{}", folder.read("full.txt"));
}

#[test]
fn the_report_never_takes_the_place_of_what_it_is_about() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\n"), ("image", "FROM a\n"), ("a/Dockerfile", "FROM  a\n")]);
    for args in [
        &["check", "--output-file=image", "image"][..],
        &["check", "--output-file=./image", "Dockerfile", "image"],
        &["fix", "--output-file=a/../a/Dockerfile"],
        &["check", "--output-file=none", "none"],
    ] {
        let said = folder.run(args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
        assert!(said.err.contains("it is one of the files that are worked on"), "{args:?}: {}", said.err);
    }
    assert_eq!(folder.names(), ["Dockerfile", "a", "image"]);
    assert_eq!([folder.read("image"), folder.read("a/Dockerfile")], ["FROM a\n", "FROM  a\n"]);
    assert_eq!(folder.run(&["check", "--output-file=image", "Dockerfile"]).code, 0);
}

#[test]
fn ci_shows_the_diff_of_the_layout_behind_what_it_finds() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nENV a b\nRUN  b\n")]);
    let diff = folder.run(&["format", "--diff"]).out;
    for format in ["full", "concise"] {
        let args = ["ci", "--select=legacy-key-value", "--output-format", format];
        let plain = folder.run(&args);
        let said = folder.run(&[&args[..], &["--diff"]].concat());
        assert_eq!((said.code, said.out), (1, format!("{}{diff}", plain.out)));
    }
}

#[cfg(unix)]
#[test]
fn an_output_file_keeps_its_mode_and_its_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new(&[("Dockerfile", "FROM a\nENV a b\n"), ("real", "")]);
    fs::set_permissions(folder.join("real"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real", folder.join("link")).unwrap();
    assert_eq!(folder.run(&["check", "--output-format=concise", "--output-file=link"]).code, 1);
    assert!(folder.join("link").is_symlink() && folder.read("real").contains("legacy-key-value"));
    assert_eq!(fs::metadata(folder.join("real")).unwrap().permissions().mode() & 0o777, 0o640);
    // A new file is one that others may read as any that a shell makes.
    folder.run(&["check", "--output-file=new"]);
    fs::write(folder.join("plain"), "").unwrap();
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode();
    assert_eq!(mode("new"), mode("plain"));
    // A device is written as it is.
    assert_eq!(folder.run(&["check", "--output-file=/dev/null"]).code, 1);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn an_output_file_that_can_t_be_written_is_an_error_before_any_work() {
    let folder = Folder::new(&[("Dockerfile", "from a\nENV a b\n"), ("folder/x", ""), ("closed", "old")]);
    let mut permissions = fs::metadata(folder.join("closed")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.join("closed"), permissions).unwrap();
    for (name, why) in [
        ("none/report", "no such file or folder"),
        ("folder", "it is a folder"),
        ("Dockerfile/report", "not a directory"),
        ("closed", "it is read-only"),
    ] {
        let said = folder.run(&["fix", "--output-format=sarif", "--output-file", name]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{}", said.err);
        let expected = format!("error: {name}: cannot be written: {why}");
        assert!(said.err.to_lowercase().starts_with(&expected.to_lowercase()), "{}", said.err);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    }
    assert_eq!(folder.read("Dockerfile"), "from a\nENV a b\n");
    if fs::metadata("/dev/full").is_ok() {
        let said = folder.run(&["check", "--output-file=/dev/full"]);
        assert_eq!(said.code, 2);
        assert!(said.err.starts_with("error: /dev/full: cannot be written: "), "{}", said.err);
    }
}

#[test]
fn what_would_be_on_standard_output_is_in_the_file() {
    let folder = Folder::new(&[("Dockerfile", "from a\n")]);
    for (args, words) in [
        (&["format", "--diff"][..], "--- a/Dockerfile\n+++ b/Dockerfile\n"),
        (&["format", "--check"], "Dockerfile: would change\n"),
        (
            &["format", "--check", "--output-format=concise"],
            "Dockerfile:1:1: unformatted: not laid out as `dockfix format` does (fixable)\n",
        ),
        (&["check", "--select=legacy-key-value", "--statistics"], ""),
    ] {
        let expected = folder.run(args).out;
        let said = folder.run(&[args, &["--output-file=x", "--color=never"]].concat());
        assert_eq!((said.out.as_str(), folder.read("x")), ("", expected.clone()));
        assert!(expected.starts_with(words), "{expected}");
    }
}

#[test]
fn a_file_that_is_piped_through_has_standard_output_for_itself() {
    let folder = Folder::new(&[]);
    let said = folder.pipe(&["fix", "-", "--output-format=json"], "from a\n");
    let expected = "error: standard output is for the file: say with --output-file where the report goes\n";
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (2, "", expected));
    let args = ["fix", "-", "--select=legacy-key-value", "--output-format=json", "--output-file=x"];
    let said = folder.pipe(&args, "from a\nENV it's b\n");
    assert_eq!((said.code, said.out.as_str()), (1, "FROM a\nENV it's b\n"));
    assert!(folder.read("x").contains("\"path\":\"<stdin>\""), "{}", folder.read("x"));
    let said =
        folder.pipe(&["check", "-", "--output-format=sarif", "--stdin-filename=a b/Dockerfile"], "FROM a\nENV a b\n");
    assert!(said.out.contains("\"uri\":\"a%20b/Dockerfile\""), "{}", said.out);
}

#[test]
fn statistics_come_as_a_table_alone() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nENV a b\n")]);
    let said = folder.run(&["check", "--statistics", "--output-format=json"]);
    let expected = "error: --statistics is a table, and comes in no other format\n";
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (2, "", expected));
}

#[test]
fn the_exit_code_is_what_was_asked_for() {
    let folder =
        Folder::new(&[("Dockerfile", TWO), ("bad/Dockerfile", "FROM a\nRNU\n"), ("good/Dockerfile", "FROM a:1\n")]);
    // A safe fix, one that is unsafe or a suggestion, and none.
    let safe = "--select=legacy-key-value";
    let suggest = "--select=recommended-packages";
    for (code, args) in [
        (1, &["check", "Dockerfile", safe][..]),
        (0, &["check", "Dockerfile", safe, "--exit-zero"]),
        (2, &["check", "bad", "--exit-zero"]),
        (1, &["check", "Dockerfile", safe, "--fail-on=safe"]),
        (1, &["check", "Dockerfile", safe, "--fail-on=unsafe"]),
        (1, &["check", "Dockerfile", suggest]),
        (0, &["check", "Dockerfile", suggest, "--fail-on=safe"]),
        (1, &["check", "Dockerfile", suggest, "--fail-on=suggest"]),
        (2, &["check", "bad", "--fail-on=safe"]),
        (2, &["check", "--exit-zero", "--fail-on=safe"]),
        (1, &["fix", "Dockerfile", safe, "--diff"]),
        (0, &["fix", "Dockerfile", safe, "--diff", "--exit-zero"]),
        (0, &["fix", "good", safe, "--exit-non-zero-on-fix"]),
        (0, &["format", "good", "--exit-non-zero-on-fix"]),
    ] {
        let said = folder.run(args);
        assert_eq!(said.code, code, "{args:?}: {}", said.err);
    }
    let said = folder.run(&["fix", "Dockerfile", safe, "--exit-non-zero-on-fix"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(folder.read("Dockerfile").contains("ENV a=b"));
    assert_eq!(folder.run(&["fix", "Dockerfile", safe, "--exit-non-zero-on-fix"]).code, 0);
}

#[test]
fn a_finding_without_a_fix_does_not_count_where_fixes_do() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nENV it's b\n")]);
    let check = |more: &[&str]| folder.run(&[&["check", "--select=legacy-key-value"], more].concat()).code;
    assert_eq!((check(&[]), check(&["--fail-on=suggest"])), (1, 0));
}

#[test]
fn a_comment_is_not_longer_than_a_comment_may_be() {
    let folder = Folder::new(&[]);
    for i in 0..200 {
        folder.write(&format!("{i:03}/Dockerfile"), format!("FROM a\n{}", "ENV a b\n".repeat(20)));
    }
    let said = folder.run(&["check", "--select=legacy-key-value", "--output-format=markdown"]);
    assert!(
        said.out.starts_with("### dockfix: 4000 findings in 200 of 200 files\n\n4000 fixable"),
        "{:.200}",
        said.out
    );
    assert!((50_000..65_536).contains(&said.out.len()), "{}", said.out.len());
    let shown = said.out.matches("\n#### ").count();
    assert!(said.out.ends_with(&format!("\n… and {} more files\n", 200 - shown)), "{shown}");
    // A single file of that size is cut as well.
    folder.write("big/Dockerfile", format!("FROM a\n{}", "ENV a b\n".repeat(5_000)));
    let said = folder.run(&["check", "big", "--select=legacy-key-value", "--output-format=markdown"]);
    assert!(said.out.len() < 65_536 && said.out.contains("\n… and 4900 more\n"), "{}", said.out.len());
}
