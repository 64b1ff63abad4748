//! `dockfix migrate patch`: what it writes, in the hands of `git apply` and `git am`.

use std::fs;

use crate::{
    program::Folder,
    repository::{git, groups, migrate, plan, repository, tree, try_git},
};

/// Files with all that makes patches hard: line ends, names, bytes.
fn odd() -> Option<Folder> {
    repository(&[
        ("plain/Dockerfile", b"from  a\nENV a b\nCMD x\n"),
        ("crlf/Dockerfile", b"from  a\r\nENV a b\r\nRUN a   && b\r\n"),
        ("mixed/Dockerfile", b"from  a\r\nENV a b\nRUN a   && b\r\n"),
        ("open/Dockerfile", b"from  a\nENV a b"),
        ("bytes/Dockerfile", b"from  a\n# caf\xE9\nENV a b\n# \xFF\n"),
        ("bom/Dockerfile", b"\xEF\xBB\xBFfrom  a\nENV a b\n"),
        ("my folder/Dockerfile", b"from  a\nENV a b\n"),
        ("\u{e4} \"quoted\"/Dockerfile", b"from  a\nENV a b\n"),
        ("line\nend/Dockerfile", b"from  a\nENV a b\n"),
        ("tab\tname/Dockerfile", b"from  a\nENV a b\n"),
        ("-dash/Dockerfile", b"from  a\nENV a b\n"),
        ("form/Dockerfile", b"from  a\n# \x0C\x0B\nENV a b\n"),
        ("mail/Dockerfile", b"from  a\n# -- \nENV a b\nRUN cat <<E\n---\nFrom x\nE\n"),
    ])
}

/// The patches, in order.
fn patches(folder: &Folder) -> Vec<String> {
    let said = migrate(folder, &["patch"], 0);
    said.out.lines().map(str::to_owned).collect()
}

#[test]
fn patches_apply_in_order_and_make_what_fix_makes() {
    for by in ["rule", "directory", "effect"] {
        let (Some(folder), Some(expected)) = (odd(), odd()) else { return };
        expected.run(&["fix", "-q"]);
        migrate(&folder, &["plan", "--group-by", by], 0);
        let patches = patches(&folder);
        assert_eq!(patches.len(), groups(&plan(&folder)).len());
        for patch in &patches {
            git(&folder, &["apply", "--whitespace=error-all", "--check", patch]);
            git(&folder, &["apply", patch]);
        }
        assert_eq!(tree(&folder), tree(&expected), "{by}");
    }
}

#[test]
fn patches_are_mail_that_becomes_commits() {
    let (Some(folder), Some(expected)) = (odd(), odd()) else { return };
    expected.run(&["fix", "-q"]);
    migrate(&folder, &["plan", "--group-by=rule"], 0);
    let said = migrate(&folder, &["patch"], 0);
    assert!(said.err.contains("git am` with --keep-cr"), "{}", said.err);
    let patches: Vec<&str> = said.out.lines().collect();
    git(&folder, &[&["am", "-q", "--keep-cr"], &patches[..]].concat());
    assert_eq!(tree(&folder), tree(&expected));
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    let subjects = git(&folder, &["log", "--reverse", "--format=%s|%an|%ae", "HEAD~1.."]);
    assert_eq!(subjects, "Lay out Dockerfiles|Test|test@example.com");
    let message = git(&folder, &["log", "-1", "--format=%B", "--grep=^Fix legacy-key-value"]);
    assert!(message.contains("* legacy-key-value (") && message.contains("Nothing is rebuilt"), "{message}");
}

#[test]
fn patches_stand_on_what_was_applied_already() {
    let Some(folder) = odd() else { return };
    migrate(&folder, &["plan", "--group-by=rule"], 0);
    let all = patches(&folder);
    let plan = plan(&folder);
    let first = groups(&plan)[0];
    migrate(&folder, &["apply", first], 0);
    // That group has nothing left, and the others still apply.
    let said = migrate(&folder, &["patch"], 1);
    let left: Vec<&str> = said.out.lines().collect();
    assert_eq!(left.len(), all.len() - 1);
    assert!(said.err.contains("it is as the plan wants it already"), "{}", said.err);
    assert!(!fs::exists(all.iter().find(|it| it.contains(first)).unwrap()).unwrap());
    for patch in left {
        git(&folder, &["apply", patch]);
    }
    assert!(migrate(&folder, &["plan"], 0).out.contains(" 0 would change"));
}

#[test]
fn one_group_goes_where_it_is_asked_to() {
    let Some(folder) = odd() else { return };
    migrate(&folder, &["plan", "--group-by=directory"], 0);
    migrate(&folder, &["patch", "plain", "-o", "out"], 0);
    let names: Vec<String> =
        fs::read_dir(folder.join("out")).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.len() == 1 && names[0].ends_with("-plain.patch"), "{names:?}");
    folder.write("plain/Dockerfile", "FROM other\n");
    let said = migrate(&folder, &["patch", "plain", "-o", "out"], 1);
    assert!(said.err.contains("plain/Dockerfile: passed over: it changed"), "{}", said.err);
    assert_ne!(try_git(&folder, &["apply", &format!("out/{}", names[0])]).code, 0);
}
