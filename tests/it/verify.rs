//! What `dockfix verify` says: of pairs that differ subtly, and of rewrites that change no build.

use std::path::{Path, PathBuf};

use dockfix::{report::Report, syntax, text, verify::Verdict};

fn report(old: &str, new: &str) -> Report {
    Report::new(("old", old, &syntax::parse(old)), ("new", new, &syntax::parse(new)))
}

/// The folders with an old and a new file, of `tests/cases/verify/<group>`.
fn pairs(group: &str) -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/verify").join(group);
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|it| it.unwrap().path()).collect();
    folders.sort();
    let read = |folder: &Path, name: &str| text::decode(&std::fs::read(folder.join(name)).unwrap()).into_owned();
    let name = |folder: &Path| folder.file_name().unwrap().to_string_lossy().into_owned();
    folders.iter().map(|it| (name(it), read(it, "old.Dockerfile"), read(it, "new.Dockerfile"))).collect()
}

fn snapshot(name: &str, text: &str) {
    let settings = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots");
    insta::with_settings!({snapshot_path => settings, prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn pairs_that_differ_are_told_apart() {
    let pairs = pairs("differ");
    assert!(pairs.len() >= 30);
    for (name, old, new) in pairs {
        let report = report(&old, &new);
        assert!(matches!(report.verdict, Verdict::Rebuild | Verdict::Image), "{name}: {report}");
        snapshot(&format!("verify-{name}"), &report.to_string());
    }
}

#[test]
fn what_the_files_do_not_tell_is_not_guessed() {
    for (name, old, new) in pairs("unknown") {
        let report = report(&old, &new);
        assert!(matches!(report.verdict, Verdict::CannotTell(_)), "{name}: {report}");
        snapshot(&format!("verify-{name}"), &report.to_string());
    }
}

#[test]
fn pairs_that_are_the_same_build_are_found_so() {
    for (name, old, new) in pairs("same") {
        let report = report(&old, &new);
        assert_eq!(report.verdict, Verdict::Same, "{name}:\n{report}");
    }
}

#[test]
fn the_report_is_json_too() {
    let json = report("FROM a\nRUN b  c\n", "FROM a\nRUN b c\n").json().unwrap();
    snapshot("verify-json", &json);
}
