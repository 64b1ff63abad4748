#![allow(clippy::unwrap_used)]

use tempfile::TempDir;

use super::*;
use crate::migrate::plan::Row;

fn asked(paths: &[&str]) -> Asked {
    Asked { paths: paths.iter().map(|it| (*it).to_owned()).collect(), ..Asked::default() }
}

fn row(sha256: &str) -> Row {
    Row { sha256: sha256.to_owned(), ..Row::default() }
}

fn line(name: &str, sha256: &str) -> Line {
    Line::new(name, "key", "-", &row(sha256)).unwrap()
}

/// Runs once: files with their digests, the names in order. What was known already is let be. Gives back what that was.
fn run(folder: &TempDir, paths: &[&str], files: &[(&str, &str)]) -> Vec<String> {
    let mut cache = Cache::open(folder.path(), &asked(paths));
    let mut known = Vec::new();
    for (name, sha256) in files {
        let found = cache.find(name);
        let same = found.as_ref().and_then(Line::read).is_some_and(|it| it.row.sha256 == *sha256);
        known.extend(same.then(|| (*name).to_owned()));
        cache.put(name, if same { Put::Same } else { Put::New(line(name, sha256)) });
    }
    assert_eq!(cache.finish(), None);
    known
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("plan-whole.cache")
}

fn names(folder: &TempDir) -> Vec<String> {
    let mut lines = Lines::open(&file(folder)).unwrap();
    std::iter::from_fn(|| lines.advance()).map(|it| it.name).collect()
}

#[test]
fn what_was_found_out_is_known_the_next_time() {
    let folder = TempDir::new().unwrap();
    assert!(run(&folder, &["."], &[("a", "1"), ("b", "1"), ("c", "1")]).is_empty());
    assert_eq!(run(&folder, &["."], &[("a", "1"), ("b", "2"), ("c", "1")]), ["a", "c"]);
    assert_eq!(run(&folder, &["."], &[("a", "1"), ("b", "2"), ("c", "1")]), ["a", "b", "c"]);
    assert_eq!(run(&folder, &["."], &[("\t\"ä\n", "1"), ("b", "2"), ("bb", "1")]), ["b"]);
    assert_eq!(names(&folder), ["\t\"ä\n", "b", "bb"]);
    assert_eq!(run(&folder, &["."], &[]), [""; 0]);
    assert!(names(&folder).is_empty());
}

#[test]
fn nothing_is_written_where_nothing_changed() {
    let folder = TempDir::new().unwrap();
    let files = [("a", "1"), ("b", "1")];
    run(&folder, &["."], &files);
    let stamp = Stamp::of(&file(&folder));
    run(&folder, &["."], &files);
    assert_eq!(Stamp::of(&file(&folder)), stamp);
    run(&folder, &["."], &files[..1]);
    assert_ne!(Stamp::of(&file(&folder)), stamp);
}

#[test]
fn lines_of_files_that_are_not_asked_for_stay() {
    let folder = TempDir::new().unwrap();
    run(&folder, &["."], &[("a/x", "1"), ("a/y", "1"), ("ab", "1"), ("b/x", "1"), ("b/z", "1")]);
    assert_eq!(run(&folder, &["a", "b/z"], &[("a/w", "1"), ("a/x", "1")]), ["a/x"]);
    assert_eq!(names(&folder), ["a/w", "a/x", "ab", "b/x"]);
    let shards: Vec<Asked> =
        ["1/2", "2/2"].map(|it| Asked { shard: Some(it.parse().unwrap()), ..asked(&["."]) }).into();
    let is_first = |name: &str| shards[0].has(name);
    assert!(names(&folder).iter().any(|it| is_first(it)) && !names(&folder).iter().all(|it| is_first(it)));
    let before = names(&folder);
    assert_eq!(Cache::open(folder.path(), &shards[0]).finish(), None);
    assert_eq!(names(&folder), before.into_iter().filter(|it| !is_first(it)).collect::<Vec<_>>());
}

#[test]
fn a_key_that_is_another_and_every_damage_are_found() {
    let line = line("a", "1");
    assert_eq!(line.read().unwrap().row, row("1"));
    for at in 0..line.text.len() {
        let mut bytes = line.text.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        assert!(Line { name: "a".to_owned(), text }.read().is_none(), "a change at {at} is not seen");
    }
}

#[test]
fn a_damaged_cache_is_mended() {
    let folder = TempDir::new().unwrap();
    let files: Vec<(String, String)> = (0..50).map(|it| (format!("{it:02}"), "1".to_owned())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    run(&folder, &["."], &files);
    let whole = fs::read(file(&folder)).unwrap();
    let damages: Vec<Vec<u8>> = (0..whole.len())
        .step_by(37)
        .flat_map(|at| {
            let mut end = whole.clone();
            end.truncate(at);
            let changed = |byte: u8| {
                let mut it = whole.clone();
                it[at] = byte;
                it
            };
            let doubled = [&whole[..at], &whole[at / 2..]].concat();
            [end, changed(b'\n'), changed(0), changed(0xFF), doubled]
        })
        .chain([b"\xff\xfe".repeat(1000), [HEAD.as_bytes(), b"no line"].concat()])
        .collect();
    for damage in damages {
        fs::write(file(&folder), &damage).unwrap();
        let mut cache = Cache::open(folder.path(), &asked(&["."]));
        for (name, sha256) in &files {
            let known = cache.find(name);
            // A line that can be read is the one that was written.
            let same = known.as_ref().and_then(Line::read).is_some_and(|it| it.row == row(sha256));
            assert!(same || known.as_ref().and_then(Line::read).is_none());
            cache.put(name, if same { Put::Same } else { Put::New(line(name, sha256)) });
        }
        assert_eq!(cache.finish(), None);
        assert!(fs::read(file(&folder)).unwrap() == whole, "{:?}", String::from_utf8_lossy(&damage));
    }
}

#[test]
fn one_run_writes_and_others_beside_it_read() {
    let folder = TempDir::new().unwrap();
    run(&folder, &["."], &[("a", "1"), ("b", "1")]);
    let mut first = Cache::open(folder.path(), &asked(&["."]));
    assert_eq!(run(&folder, &["."], &[("a", "1"), ("c", "1")]), ["a"]);
    assert!(Cache::clean(folder.path()).is_err());
    for name in ["a", "b"] {
        assert!(first.find(name).is_some());
        first.put(name, Put::New(line(name, "2")));
    }
    // Killed here, it leaves the old one; the next one goes over what it began.
    drop(first);
    assert_eq!(run(&folder, &["."], &[("a", "1"), ("b", "1")]), ["a", "b"]);
    assert_eq!(run(&folder, &["."], &[("a", "1"), ("b", "3")]), ["a"]);
    assert_eq!(run(&folder, &["."], &[("a", "1"), ("b", "3")]), ["a", "b"]);
}

#[test]
fn ways_to_divide_are_told_apart() {
    let folder = TempDir::new().unwrap();
    run(&folder, &["."], &[("a", "1")]);
    for (by, separate, is_known) in
        [(By::Directory, false, true), (By::Owner, false, true), (By::Owner, true, false), (By::Rule, false, false)]
    {
        let asked = Asked { group_by: by, separate_layout: separate, ..asked(&["."]) };
        assert_eq!(Cache::open(folder.path(), &asked).find("a").is_some(), is_known, "{by:?}");
    }
}

#[test]
fn what_can_not_be_written_is_told_and_stops_nothing() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let mut cache = Cache::open(&folder.path().join("file/cache"), &asked(&["."]));
    assert_eq!(cache.find("a"), None);
    cache.put("a", Put::New(line("a", "1")));
    let problem = cache.finish().unwrap();
    assert!(problem.contains("the cache cannot be written: "), "{problem}");
}

#[test]
fn cleaning_leaves_what_is_no_cache() {
    let folder = TempDir::new().unwrap();
    let cache = folder.path().join("cache");
    assert_eq!(Cache::clean(&cache).unwrap(), None);
    assert_eq!(Cache::open(&cache, &asked(&["."])).finish(), None);
    for name in ["plan-rule-layout.cache", "plan-whole.cache-new", "plan.json"] {
        fs::write(cache.join(name), "12345").unwrap();
    }
    assert!(Cache::clean(&cache).unwrap().unwrap() > 10);
    let left: Vec<_> = fs::read_dir(&cache).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["plan.json"]);
    fs::remove_file(cache.join("plan.json")).unwrap();
    assert_eq!(Cache::clean(&cache).unwrap(), None);
    assert!(cache.exists(), "a folder without a cache is somebody's");
    fs::write(cache.join("plan-whole.cache"), "").unwrap();
    assert_eq!(Cache::clean(&cache).unwrap(), Some(0));
    assert!(!cache.exists());
}
