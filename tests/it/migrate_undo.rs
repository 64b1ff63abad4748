//! What could not be taken back at once is taken back later.

#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    program::Folder,
    repository::{git, migrate, repository, tree},
};

const MESSY: &[u8] = b"from alpine\nENV a b\nCMD run\n";

fn three() -> Option<Folder> {
    repository(&[("a/Dockerfile", MESSY), ("b/Dockerfile", MESSY), ("c/Dockerfile", MESSY)])
}

fn mode(folder: &Folder, file: &str, mode: u32) {
    fs::set_permissions(folder.join(file), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_that_was_passed_over_is_taken_back_later() {
    for (by, commit) in [("directory", false), ("rule", false), ("rule", true)] {
        let Some(folder) = three() else { return };
        let start = tree(&folder);
        let by = format!("--group-by={by}");
        migrate(&folder, &["plan", "-q", &by], 0);
        migrate(&folder, &[&["apply"][..], if commit { &["--commit"] } else { &[] }].concat(), 0);
        mode(&folder, "b/Dockerfile", 0o444);
        for _ in 0..2 {
            let said = migrate(&folder, &["undo"], 1);
            assert!(said.err.starts_with("b/Dockerfile: passed over: it is read-only\n"), "{}", said.err);
            assert!(said.err.ends_with(" taken back, 1 passed over\n") || commit, "{}", said.err);
            assert_eq!(said.err.matches("passed over").count(), 2, "{}", said.err);
            let status = migrate(&folder, &["status"], 0).out;
            assert!(status.contains("not all was taken back; `dockfix migrate undo` tries the rest again"), "{status}");
            assert!(status.contains("partly undone"), "{status}");
        }
        mode(&folder, "b/Dockerfile", 0o644);
        let said = migrate(&folder, &["undo"], 0);
        assert!(said.err.starts_with("1 file in "), "{}", said.err);
        assert!(tree(&folder) == start, "{by}");
        let status = migrate(&folder, &["status"], 0).out;
        assert!(status.contains(" undone\n") && !status.contains("partly"), "{status}");
        assert!(migrate(&folder, &["undo"], 0).err.contains("nothing is there to take back"));
        if commit {
            assert_eq!(git(&folder, &["status", "--porcelain"]), "");
        }
    }
}

#[test]
fn commits_are_taken_back_on_the_branch_that_has_them() {
    let Some(folder) = three() else { return };
    let start = tree(&folder);
    git(&folder, &["checkout", "-q", "-b", "other"]);
    migrate(&folder, &["plan", "-q"], 0);
    migrate(&folder, &["apply", "--commit"], 0);
    git(&folder, &["checkout", "-q", "main"]);
    for _ in 0..2 {
        let said = migrate(&folder, &["undo"], 1);
        assert!(said.err.contains("b/Dockerfile: passed over: commit "), "{}", said.err);
        assert!(said.err.contains(" is not in this branch\n"), "{}", said.err);
    }
    git(&folder, &["checkout", "-q", "other"]);
    let said = migrate(&folder, &["undo"], 0);
    assert_eq!(said.err, "3 files in 3 groups taken back; 3 commits\n");
    assert!(tree(&folder) == start);
    assert!(migrate(&folder, &["undo"], 0).err.contains("nothing is there to take back"));
}

#[test]
fn what_stays_keeps_no_earlier_run_from_being_taken_back() {
    let Some(folder) = three() else { return };
    migrate(&folder, &["plan", "-q"], 0);
    migrate(&folder, &["apply", "a"], 0);
    migrate(&folder, &["apply", "b", "c"], 0);
    folder.write("b/Dockerfile", "FROM mine\n");
    migrate(&folder, &["undo"], 1);
    assert_eq!(migrate(&folder, &["undo"], 0).err, "1 file in 1 group taken back\n");
    assert_eq!(fs::read(folder.join("a/Dockerfile")).unwrap(), MESSY);
    let said = migrate(&folder, &["undo"], 1);
    let expected = "\
b/Dockerfile: passed over: it changed since it was written
0 files in 0 groups taken back, 1 passed over
";
    assert_eq!(said.err, expected);
    // Whoever puts it back by hand has done it.
    folder.write("b/Dockerfile", MESSY);
    migrate(&folder, &["undo"], 0);
    assert!(migrate(&folder, &["undo"], 0).err.contains("nothing is there to take back"));
}

#[test]
fn a_file_of_many_groups_is_counted_and_told_once() {
    let Some(folder) = three() else { return };
    migrate(&folder, &["plan", "-q", "--group-by=rule"], 0);
    mode(&folder, "b/Dockerfile", 0o444);
    let said = migrate(&folder, &["apply"], 1);
    let expected = "\
b/Dockerfile: passed over: it is read-only
2 files in 3 groups written, 1 passed over
";
    assert_eq!(said.err, expected);
}
