//! Runs of `dockfix migrate` that end before their time: killed at any moment, or without room on the disk.

use std::{
    fs,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use crate::{
    chance::Chance,
    program::{Folder, said},
    repository::{git, groups, migrate, plan, repository, tree},
};

/// So many files are in the repository.
const FILES: usize = 60;

fn monorepo() -> Option<Folder> {
    let files: Vec<(String, String)> = (0..FILES)
        .map(|nth| {
            let text =
                format!("from  debian:{nth}\nENV a b\nRUN apt-get update   && apt-get install -y curl\nCMD x {nth}\n");
            (format!("team{}/service{nth}/Dockerfile", nth % 5), text)
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    repository(&files)
}

/// Another repository that is the same.
fn copy(folder: &Folder) -> Folder {
    let other = Folder::new(&[]);
    let mut command = std::process::Command::new("cp");
    command.arg("-a").arg(folder.join(".")).arg(other.path());
    assert_eq!(said(command).code, 0);
    other
}

/// All names, so that a file that was left behind is seen.
fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = tree(folder).into_iter().map(|it| it.0).collect();
    let own = fs::read_dir(folder.join(".dockfix")).unwrap();
    names.extend(own.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()));
    names.sort();
    names
}

/// Kills `args` at random moments and goes on, so many times; in the end all is as if nothing had happened.
fn killed(times: usize, seed: u64, args: &[&str]) {
    let Some(start) = monorepo() else { return };
    migrate(&start, &["plan", "--group-by=rule", "-q"], 0);
    let undisturbed = copy(&start);
    let begun = Instant::now();
    migrate(&undisturbed, args, 0);
    let mut whole = begun.elapsed();
    let mut chance = Chance::new(seed);
    let (mut killed, mut in_between) = (0, 0);
    for time in 0..times {
        let folder = copy(&start);
        let mut args = [&["migrate"], args].concat();
        // It may be killed again while it goes on.
        for again in 0..=time % 3 {
            let mut child = folder.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let wait = whole.mul_f64(chance.below(1000) as f64 / 1000.0);
            thread::sleep(wait);
            child.kill().unwrap();
            let was_killed = !child.wait().unwrap().success();
            killed += usize::from(was_killed);
            let some = tree(&folder);
            // How long a run takes depends on what else the machine does.
            match again {
                0 if !was_killed => whole = whole.mul_f64(0.8),
                0 if some == tree(&start) => whole = whole.mul_f64(1.1),
                _ => {}
            }
            in_between += usize::from(some != tree(&start) && some != tree(&undisturbed));
            for (name, bytes) in &some {
                let is_temporary = name.contains(".dockfix-tmp-");
                assert!(is_temporary || bytes.starts_with(b"from") || bytes.starts_with(b"FROM"), "{name}");
                assert!(is_temporary || bytes.ends_with(b"\n"), "{name} is half-written");
            }
            if fs::exists(folder.join(".dockfix/journal.jsonl")).unwrap()
                && !fs::read(folder.join(".dockfix/journal.jsonl")).unwrap().is_empty()
            {
                args = vec!["migrate", "resume"];
            }
        }
        // Where it was killed before it began, there is nothing to go on with.
        let last = folder.run(&args);
        assert_eq!(last.code, 0, "{}", last.err);
        if args == ["migrate", "resume"]
            && last.err.contains("nothing was interrupted")
            && tree(&folder) == tree(&start)
        {
            migrate(&folder, &["apply"], 0);
        }
        assert!(tree(&folder) == tree(&undisturbed), "time {time}");
        assert_eq!(names(&folder), names(&undisturbed), "time {time}");
        if args.contains(&"resume") && git(&undisturbed, &["status", "--porcelain"]).is_empty() {
            assert_eq!(git(&folder, &["status", "--porcelain"]), "");
            let subjects = |it: &Folder| git(it, &["log", "--format=%s %T"]);
            assert_eq!(subjects(&folder), subjects(&undisturbed), "time {time}");
        }
        assert!(!migrate(&folder, &["status"], 0).out.contains("interrupted"));
    }
    assert!(killed * 2 > times && in_between > times / 10, "{killed} killed, {in_between} in between, of {times}");
}

#[test]
fn fifty_runs_that_are_killed_end_where_an_undisturbed_one_does() {
    killed(50, 1, &["apply"]);
}

#[test]
fn runs_that_are_killed_make_each_commit_once() {
    killed(10, 2, &["apply", "--commit"]);
}

#[test]
fn taking_back_can_be_killed_too() {
    let Some(start) = monorepo() else { return };
    let before = tree(&start);
    migrate(&start, &["plan", "--group-by=effect", "-q"], 0);
    migrate(&start, &["apply"], 0);
    let mut chance = Chance::new(3);
    for _ in 0..8 {
        let folder = copy(&start);
        let mut child =
            folder.command(&["migrate", "undo"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(chance.below(300) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        migrate(&folder, &["resume"], 0);
        migrate(&folder, &["undo"], 0);
        assert!(tree(&folder) == before);
    }
}

/// A program that stands between dockfix and git ends the one as soon as the other is to commit. There are more names
/// than go through a pipe at once, and as many bytes of them go through as 512 names have.
#[cfg(target_os = "linux")]
#[test]
fn a_commit_that_outlives_its_program_has_all_files() {
    let names: Vec<String> = (0..600).map(|nth| format!("{nth:0>102}/Dockerfile")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|it| (it.as_str(), &b"from alpine\n"[..])).collect();
    let Some(folder) = repository(&files) else { return };
    migrate(&folder, &["plan", "-q", "--group-by=effect"], 0);
    let bin = Folder::new(&[]);
    let path = std::env::var("PATH").unwrap();
    let wrapper =
        "#!/bin/sh\ncase \"$*\" in *\" --only \"*) kill -9 $PPID; sleep 0.2;; esac\nPATH=\"$REAL\" exec git \"$@\"\n";
    bin.write("git", wrapper);
    fs::set_permissions(bin.join("git"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = folder.command(&["migrate", "apply", "--commit"]);
    command.env("REAL", &path).env("PATH", format!("{}:{path}", bin.path().display()));
    assert_eq!(said(command).code, -1, "it was not killed");
    let begun = Instant::now();
    while git(&folder, &["rev-list", "--count", "HEAD"]) == "1" && begun.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(20));
    }
    migrate(&folder, &["resume"], 0);
    assert_eq!(git(&folder, &["rev-list", "--count", "HEAD"]), "2");
    assert_eq!(git(&folder, &["diff-tree", "--name-only", "-r", "HEAD~", "HEAD"]).lines().count(), 600);
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    assert!(!fs::exists(folder.join(".dockfix/names")).unwrap());
}

/// A limit on the size of files stands for a full disk: what is written last is cut off in its midst.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_a_run_that_goes_on() {
    let Some(folder) = monorepo() else { return };
    migrate(&folder, &["plan", "--group-by=rule", "-q"], 0);
    let undisturbed = copy(&folder);
    migrate(&undisturbed, &["apply"], 0);
    let mut command = std::process::Command::new("sh");
    let program = env!("CARGO_BIN_EXE_dockfix");
    // In blocks of 512 bytes: enough for a few lines of the journal.
    command.args(["-c", "trap '' XFSZ; ulimit -f 24; exec \"$0\" migrate apply", program]).current_dir(folder.path());
    let full = said(command);
    assert_eq!(full.code, 2, "{}{}", full.out, full.err);
    assert!(full.err.contains("journal.jsonl: cannot be written: File too large"), "{}", full.err);
    let said = migrate(&folder, &["status"], 1);
    assert!(said.out.contains("interrupted: apply"), "{}", said.out);
    assert!(tree(&folder) != tree(&undisturbed));
    migrate(&folder, &["resume"], 0);
    assert!(tree(&folder) == tree(&undisturbed));
    assert_eq!(names(&folder), names(&undisturbed));
}

#[test]
fn another_run_is_waited_for_by_whoever_started_it() {
    let Some(folder) = monorepo() else { return };
    migrate(&folder, &["plan", "-q"], 0);
    let lock = fs::File::create(folder.join(".dockfix/lock")).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    let said = migrate(&folder, &["apply"], 2);
    assert!(said.err.contains("another `dockfix migrate` is at work here"), "{}", said.err);
    drop(lock);
    migrate(&folder, &["apply"], 0);
    assert_eq!(groups(&plan(&folder)).len(), 5);
}

#[test]
fn a_plan_that_was_replaced_is_not_gone_on_with() {
    let Some(folder) = monorepo() else { return };
    migrate(&folder, &["plan", "-q"], 0);
    migrate(&folder, &["apply"], 0);
    // As if it had been interrupted before its last words.
    let journal = folder.read(".dockfix/journal.jsonl");
    let lines: Vec<&str> = journal.lines().collect();
    folder.write(".dockfix/journal.jsonl", format!("{}\n{{\"rec", lines[..lines.len() - 2].join("\n")));
    let old = folder.read(".dockfix/plan.json");
    folder.write(".dockfix/plan.json", old.replace("\"depth\":1", "\"depth\":2"));
    assert!(migrate(&folder, &["resume"], 2).err.contains("it is not the plan that was being applied"));
    folder.write(".dockfix/plan.json", &old);
    let said = migrate(&folder, &["resume"], 0);
    assert!(said.err.contains("0 files in 1 group"), "{}", said.err);
    let begins_late = journal.lines().skip(1).map(|it| format!("{it}\n")).collect::<String>();
    folder.write(".dockfix/journal.jsonl", begins_late);
    assert!(migrate(&folder, &["undo"], 2).err.contains("journal.jsonl:1: no line of a journal: no run has begun"));
    let start = tree(&folder);
    let other = journal.replace("from  debian", "from  other");
    folder.write(".dockfix/journal.jsonl", other);
    let said = migrate(&folder, &["undo"], 1);
    assert!(said.err.contains(": passed over: what the journal says does not make it what it was\n"), "{}", said.err);
    assert!(tree(&folder) == start);
    folder.write(".dockfix/journal.jsonl", "no journal\n");
    assert!(migrate(&folder, &["apply"], 2).err.contains("journal.jsonl:1: no line of a journal"));
}

#[test]
fn what_a_killed_plan_left_behind_goes_and_what_another_one_writes_stays() {
    let Some(folder) = monorepo() else { return };
    for args in [&["migrate", "plan", "-q"][..], &["clean", "-q"]] {
        for name in ["", "patches/"] {
            folder.write(&format!(".dockfix/{name}.dockfix-tmp-abc123"), "{");
        }
        folder.write(".dockfix/.dockfix-tmp-own", "not ours");
        let written = fs::File::create(folder.join(".dockfix/.dockfix-tmp-def456")).unwrap();
        fs4::FileExt::lock(&written).unwrap();
        let said = folder.run(args);
        assert_eq!(said.code, 0, "{}", said.err);
        let own = |name: &str| fs::exists(folder.join(".dockfix").join(name)).unwrap();
        let left =
            [".dockfix-tmp-abc123", "patches/.dockfix-tmp-abc123", ".dockfix-tmp-own", ".dockfix-tmp-def456"].map(own);
        assert_eq!(left, [false, false, true, true], "{args:?}");
    }
    // Several plans at once do not take away each other's.
    let children: Vec<_> = (0..6).map(|_| folder.command(&["migrate", "plan", "-q"]).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
}
