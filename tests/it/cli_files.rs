//! Which files the program takes, how it writes them, and how it speaks of them.

use std::fs;

use crate::program::{Folder, said};

/// The files that a run without arguments would change.
fn taken(folder: &Folder, args: &[&str]) -> Vec<String> {
    let said = folder.run(&[&["format", "--check"], args].concat());
    said.out.lines().filter_map(|it| it.strip_suffix(": would change").map(str::to_owned)).collect()
}

#[test]
fn names_that_are_taken() {
    let yes = [
        ".devcontainer/Dockerfile",
        "Containerfile",
        "Containerfile.dev",
        "Dockerfile",
        "Dockerfile-prod",
        "Dockerfile.go",
        "Dockerfile.x86_64",
        "api.Dockerfile",
        "deep/er/dockerfile",
        "web.containerfile",
        "web.dockerfile",
    ];
    let no = [
        ".git/Dockerfile",
        "Dockerfile.dockerignore",
        "Dockerfile.j2",
        "Dockerfile.md",
        "Dockerfile.orig",
        "Dockerfile.template",
        "Dockerfile.yaml",
        "Dockerfile~",
        "Dockerfiles",
        "MyDockerfile",
        "README",
        "docker-compose.yml",
        "dockerfile.go",
        "dockerfile.py",
    ];
    let files: Vec<(&str, &str)> = yes.iter().chain(&no).map(|it| (*it, "from a\n")).collect();
    let folder = Folder::new(&files);
    assert_eq!(taken(&folder, &[]), yes);
    // What is named is taken, whatever its name.
    assert_eq!(taken(&folder, &["README", ".git/Dockerfile"]), [".git/Dockerfile", "README"]);
}

#[test]
fn ignored_files_are_passed_over_in_folders() {
    let folder = Folder::new(&[
        (".gitignore", "/out/\n*.gen.Dockerfile\n"),
        ("out/Dockerfile", "from a\n"),
        ("a.gen.Dockerfile", "from a\n"),
        ("sub/.gitignore", "!b.gen.Dockerfile\n"),
        ("sub/b.gen.Dockerfile", "from a\n"),
        ("sub/Dockerfile", "from a\n"),
    ]);
    assert_eq!(taken(&folder, &[]), ["sub/Dockerfile", "sub/b.gen.Dockerfile"]);
    assert_eq!(taken(&folder, &["a.gen.Dockerfile"]), ["a.gen.Dockerfile"]);
}

#[test]
fn a_file_of_several_names_is_taken_once() {
    let folder = Folder::new(&[("Dockerfile", "from a\n"), ("sub/x", "")]);
    assert_eq!(taken(&folder, &["Dockerfile", "./Dockerfile", "sub/../Dockerfile", "."]).len(), 1);
    let said = folder.run(&["format", "Dockerfile", "./Dockerfile", "."]);
    assert_eq!((said.code, said.err.as_str()), (0, "1 file laid out, 0 unchanged\n"));
}

#[test]
fn templates_and_foreign_frontends_are_passed_over_with_a_word() {
    let folder = Folder::new(&[
        ("Dockerfile", "{% if x %}\nfrom  a\n{% endif %}\n"),
        ("Dockerfile.foreign", "# syntax=example.com/other:1\nfrom  a\n"),
        ("Dockerfile.own", "# syntax=docker/dockerfile:1\nfrom  a\n"),
    ]);
    let said = folder.run(&["format"]);
    let expected = "Dockerfile: passed over: it is a template (Jinja)\n\
                    Dockerfile.foreign: passed over: `# syntax` names another frontend, `example.com/other:1`\n\
                    1 file laid out, 0 unchanged, 2 passed over\n";
    assert_eq!((said.code, said.err.as_str()), (0, expected));
    assert_eq!(folder.read("Dockerfile.own"), "# syntax=docker/dockerfile:1\nFROM a\n");
    assert_eq!(folder.read("Dockerfile"), "{% if x %}\nfrom  a\n{% endif %}\n");
}

#[test]
fn untouched_files_are_not_written() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\n"), ("Dockerfile.bad", "FROM a\nRUN <<E\n")]);
    let stamp = |name: &str| fs::metadata(folder.join(name)).unwrap().modified().unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    for name in ["Dockerfile", "Dockerfile.bad"] {
        fs::File::options().write(true).open(folder.join(name)).unwrap().set_modified(long_ago).unwrap();
    }
    folder.run(&["fix", "--unsafe"]);
    assert_eq!((stamp("Dockerfile"), stamp("Dockerfile.bad")), (long_ago, long_ago));
}

#[test]
#[cfg(unix)]
fn modes_and_links_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new(&[("real/image", "from a\n")]);
    fs::set_permissions(folder.join("real/image"), fs::Permissions::from_mode(0o751)).unwrap();
    symlink("real/image", folder.join("Dockerfile")).unwrap();
    symlink("Dockerfile", folder.join("Dockerfile.two")).unwrap();
    let said = folder.run(&["format"]);
    assert_eq!((said.code, said.err.as_str()), (0, "1 file laid out, 0 unchanged\n"));
    assert_eq!(folder.read("real/image"), "FROM a\n");
    assert!(folder.join("Dockerfile").is_symlink() && folder.join("Dockerfile.two").is_symlink());
    assert_eq!(fs::metadata(folder.join("real/image")).unwrap().permissions().mode() & 0o7777, 0o751);
    assert_eq!(fs::read_dir(folder.join("real")).unwrap().count(), 1);
}

#[test]
fn many_files_come_in_order() {
    let folder = Folder::new(&[]);
    for i in 0..600 {
        let text = if i % 3 == 0 { "from a\nENV a b\n".to_owned() } else { format!("FROM a{i}\n") };
        folder.write(&format!("{:02}/{i:03}.Dockerfile", i % 40), text);
    }
    let one = folder.run(&["format", "--diff", "-j1"]);
    let many = folder.run(&["format", "--diff", "-j8"]);
    assert_eq!(one.out, many.out);
    let names: Vec<&str> = one.out.lines().filter_map(|it| it.strip_prefix("--- ")).collect();
    assert_eq!(names.len(), 200);
    assert!(names.is_sorted());
    let said = folder.run(&["fix", "--select=legacy-key-value"]);
    assert_eq!(said.err, "200 files changed, 400 unchanged; legacy-key-value ×200\n");
}

#[test]
fn colours() {
    let folder = Folder::new(&[("Dockerfile", "from a\nENV a b\nRNU\n")]);
    let colored = |args: &[&str], set: Option<(&str, &str)>| {
        let mut command = folder.command(args);
        command.envs(set);
        let said = said(command);
        (said.out.contains('\u{1b}'), said.err.contains('\u{1b}'))
    };
    for args in [&["check", "--select=all"][..], &["format", "--diff"]] {
        assert_eq!(colored(args, None), (false, false), "{args:?}");
        assert_eq!(colored(&[args, &["--color=always"]].concat(), None), (true, true), "{args:?}");
        assert_eq!(colored(args, Some(("CLICOLOR_FORCE", "1"))), (true, true), "{args:?}");
        assert_eq!(colored(args, Some(("NO_COLOR", "1"))), (false, false), "{args:?}");
        assert_eq!(colored(&[args, &["--color=never"]].concat(), Some(("CLICOLOR_FORCE", "1"))), (false, false));
    }
}

#[test]
fn quiet_says_nothing_but_results_and_errors() {
    let folder = Folder::new(&[
        ("Dockerfile", "from a\n"),
        ("Dockerfile.bad", "FROM a\nRNU\nRUN x\n"),
        ("Dockerfile.tpl.Dockerfile", "{{ x }}\n"),
    ]);
    let said = folder.run(&["format", "-q", "--check"]);
    assert_eq!((said.code, said.out.as_str()), (2, "Dockerfile: would change\n"));
    assert!(said.err.starts_with("Dockerfile.bad:2:1: error: ") && said.err.lines().count() == 1, "{}", said.err);
    let said = folder.run(&["format", "-q", "Dockerfile"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
}

#[test]
fn what_a_broken_run_left_goes_with_the_next() {
    let folder =
        Folder::new(&[("a/Dockerfile", "from a\n"), ("a/.dockfix-tmp-Ab1Cd2", "FROM"), ("a/.dockfix-tmp-x", "")]);
    let left = |name: &str| folder.path().join("a").join(name).exists();
    assert_eq!(folder.run(&["fix", "--diff"]).code, 1);
    assert!(left(".dockfix-tmp-Ab1Cd2"));
    assert_eq!(folder.run(&["fix"]).code, 0);
    // Another name may be somebody's own.
    assert!(!left(".dockfix-tmp-Ab1Cd2") && left(".dockfix-tmp-x"));
    assert_eq!(folder.read("a/Dockerfile"), "FROM a\n");
}
