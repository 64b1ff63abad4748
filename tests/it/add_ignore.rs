//! `check --add-ignore` from outside.

use crate::program::Folder;

const RULES: &str = "--select=legacy-key-value,maintainer,unused-suppression";

#[test]
fn a_second_check_is_quiet() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nENV A b\n"), ("b.Dockerfile", "FROM a\nMAINTAINER b\n")]);
    let said = folder.run(&["check", "--add-ignore", RULES]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_eq!(said.err, "2 files changed, 0 unchanged; legacy-key-value ×1, maintainer ×1\n");
    assert_eq!(folder.read("Dockerfile"), "FROM a\n# dockfix: ignore[legacy-key-value]\nENV A b\n");
    assert_eq!(folder.run(&["check", RULES]).code, 0);
    assert_eq!(folder.run(&["check", "--add-ignore", RULES]).err, "0 files changed, 2 unchanged\n");
}

#[test]
fn a_reason_and_a_diff() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\n# dockfix: ignore[maintainer] old\nMAINTAINER a\nENV A b\n")]);
    let said = folder.run(&["check", "--add-ignore", "--reason", "later", "--diff", RULES]);
    assert_eq!(said.code, 1);
    assert!(said.out.ends_with("+# dockfix: ignore[legacy-key-value] later\n ENV A b\n"), "{}", said.out);
    assert!(!folder.read("Dockerfile").contains("later"));
    assert_eq!(folder.run(&["check", "--reason", "later"]).code, 2);
}

#[test]
fn standard_input_comes_back() {
    let folder = Folder::new(&[]);
    let said = folder.pipe(&["check", "--add-ignore", RULES, "-"], "FROM a\r\nENV A b\r\n");
    assert_eq!(said.out, "FROM a\r\n# dockfix: ignore[legacy-key-value]\r\nENV A b\r\n");
}
