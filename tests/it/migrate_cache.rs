//! `dockfix migrate plan` with what was planned before: the plan is the one that is made without.

use std::{fs, thread, time::Duration};

use crate::program::Folder;

const MESSY: &str = "from alpine as base\nENV greeting hello\nCMD one\nCMD two\nrun a &&  b\n";

/// The plan with the cache, which must be that without; and what was known, of how many files, and not read.
fn plan(folder: &Folder, args: &[&str]) -> (String, [usize; 3]) {
    let with = folder.run(&[&["migrate", "plan", "--verbose"], args].concat());
    let cached = folder.read(".dockfix/plan.json");
    let without = folder.run(&[&["migrate", "plan", "--no-cache"], args].concat());
    assert_eq!((with.code, without.code), (0, 0), "{} {}", with.err, without.err);
    assert_eq!(cached, folder.read(".dockfix/plan.json"), "{args:?}");
    let told = with.err.lines().find(|it| it.starts_with("cache: ")).unwrap_or(&with.err).to_owned();
    let counts: Vec<usize> = told.split_whitespace().filter_map(|it| it.parse().ok()).collect();
    (cached, counts.try_into().unwrap())
}

fn folder() -> Folder {
    Folder::new(&[
        ("a/Dockerfile", MESSY),
        ("a/b/Dockerfile", "FROM a\n"),
        ("c/Dockerfile", "from {{ a }}\n"),
        ("d/Dockerfile", "FROM a\nRUN sudo b\n"),
    ])
}

#[test]
fn a_plan_is_the_same_whatever_was_planned_before() {
    let folder = folder();
    assert_eq!(plan(&folder, &[]).1, [4, 0, 0]);
    assert_eq!(plan(&folder, &[]).1[..2], [4, 4]);
    for args in [
        &["--group-by=rule"][..],
        &["--group-by=effect"],
        &["--group-by=effect", "--separate-layout"],
        &["--separate-layout"],
        &["--unsafe"],
        &["--keep-cache"],
        &["--option=format.indent=2"],
        &["--preset=strict"],
    ] {
        assert_eq!(plan(&folder, args).1, [4, 0, 0], "{args:?}");
        assert_eq!(plan(&folder, args).1[..2], [4, 4], "{args:?}");
    }
    plan(&folder, &[]);
    // What follows from a file's name is not kept.
    for args in [&["--group-by=owner"][..], &["--depth=2"], &["--max-files-per-group=1"]] {
        assert_eq!(plan(&folder, args).1[..2], [4, 4], "{args:?}");
    }
    folder.write("CODEOWNERS", "a/ @one\n* @two\n/d/ @three @four\n");
    let (owned, counts) = plan(&folder, &[]);
    assert_eq!(counts[..2], [4, 4]);
    assert!(owned.contains("@three"), "{owned}");
    assert_eq!(plan(&folder, &["--group-by=owner", "--separate-layout"]).1[..2], [4, 4]);
}

#[test]
fn what_changed_is_looked_at_again() {
    let folder = folder();
    plan(&folder, &[]);
    folder.write("d/Dockerfile", "FROM a\nRUN sudo c\n");
    assert_eq!(plan(&folder, &[]).1[..2], [4, 3]);
    folder.write("e/Dockerfile", MESSY);
    fs::remove_file(folder.join("a/b/Dockerfile")).unwrap();
    assert_eq!(plan(&folder, &[]).1[..2], [4, 3]);
    folder.write("d/dockfix.toml", "format.indent = 2\n");
    assert_eq!(plan(&folder, &[]).1[..2], [4, 3]);
    // A part of the files leaves what is known of the others.
    assert_eq!(plan(&folder, &["a"]).1[..2], [1, 1]);
    assert_eq!(plan(&folder, &["--shard=1/2"]).1[0] + plan(&folder, &["--shard=2/2"]).1[0], 4);
    assert_eq!(plan(&folder, &[]).1[..2], [4, 4]);
    // Bytes that are no text.
    folder.write("e/Dockerfile", b"FROM a\nENV a \xe9\n");
    plan(&folder, &[]);
    assert_eq!(plan(&folder, &[]).1[..2], [4, 4]);
}

#[test]
fn files_that_were_left_alone_for_a_while_are_not_read() {
    let folder = folder();
    plan(&folder, &[]);
    // What changed less than two seconds before a plan is read again by the next one.
    thread::sleep(Duration::from_millis(2100));
    assert_eq!(plan(&folder, &[]).1, [4, 4, 0]);
    assert_eq!(plan(&folder, &[]).1, [4, 4, 4]);
    let path = folder.join("d/Dockerfile");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, "FROM a\nRUN sudo c\n").unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    // It has the length and the time that it had.
    #[cfg(unix)]
    assert_eq!(plan(&folder, &[]).1, [4, 3, 3]);
}

#[test]
fn a_cache_is_where_it_is_said_to_be_and_is_removed() {
    let folder = folder();
    let said = folder.run(&["migrate", "plan", "--no-cache"]);
    assert!(said.code == 0 && !folder.join(".dockfix/cache").exists(), "{}", said.err);
    assert_eq!(folder.run(&["migrate", "plan", "--cache-dir=kept"]).code, 0);
    assert!(folder.join("kept/plan-whole.cache").exists() && !folder.join(".dockfix/cache").exists());
    assert_eq!(folder.run(&["migrate", "plan"]).code, 0);
    let said = folder.run(&["clean"]);
    assert!(said.code == 0 && said.err.starts_with("removed "), "{}", said.err);
    assert!(!folder.join(".dockfix/cache").exists() && folder.join(".dockfix/plan.json").exists());
    assert_eq!(folder.run(&["clean", "--cache-dir=kept", "--quiet"]).err, "");
    assert!(!folder.join("kept").exists());
    let said = folder.run(&["clean"]);
    assert!(said.code == 0 && said.err.starts_with("no cache in "), "{}", said.err);
    // Where it can't be kept, the plan is made all the same.
    folder.write("file", "");
    let said = folder.run(&["migrate", "plan", "--cache-dir=file"]);
    assert!(said.code == 0 && said.err.contains("warning: file: the cache cannot be written: "), "{}", said.err);
}
