//! `dockfix init`: the settings that it writes, and what it leaves alone.

use crate::program::Folder;

const TRAILING: &str = "FROM a\nRUN b && \\\n  c && \\\n  d\n\nFROM e\n";
const LEADING: &str = "FROM a\nRUN b \\\n    && c\n";

#[test]
fn what_most_files_do_is_written_down() {
    let folder = Folder::new(&[("a/Dockerfile", TRAILING), ("b/Dockerfile", TRAILING), ("c/Dockerfile", TRAILING)]);
    folder.write("d/Dockerfile", LEADING);
    folder.write("e/Dockerfile", "FROM {{ base }}\nRUN a \\\n\tb\n");
    let said = folder.run(&["init"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", "dockfix.toml: written for 4 files\n"));
    let expected = "\
# Settings of dockfix, chosen for 4 files. Nothing is said of what fits as it
# is; `dockfix debug settings FILE` prints all that holds for a file.
#
# In 4 files the default layout changes 18 lines, and this one 4.

[format]
# 3 of 4 files: 2 blanks; 1: 4 blanks.
indent = 2
# 3 of 4 files: trailing; 1: leading.
operators = \"trailing\"
";
    assert_eq!(folder.read("dockfix.toml"), expected);
    assert_eq!(folder.run(&["format", "--check"]).out, "d/Dockerfile: would change\n");
}

#[test]
fn where_the_defaults_fit_nothing_is_set() {
    let folder = Folder::new(&[("Dockerfile", LEADING)]);
    assert_eq!(folder.run(&["init", "-q"]).err, "");
    let text = folder.read("dockfix.toml");
    assert!(text.ends_with("# In 1 file the default layout changes 0 lines; no setting makes it fewer.\n"), "{text}");
    assert!(text.lines().all(|it| it.starts_with('#')), "{text}");
    assert_eq!(folder.run(&["format", "--check"]).code, 0);
}

#[test]
fn nothing_is_overwritten_unless_asked() {
    for name in ["dockfix.toml", ".dockfix.toml"] {
        let folder = Folder::new(&[("Dockerfile", TRAILING), (name, "select = []\n")]);
        let said = folder.run(&["init"]);
        let expected = format!(
            "error: {name}: is there already\nhelp: --force replaces it, and --stdout prints what would be written\n"
        );
        assert_eq!((said.code, said.err), (2, expected));
        let said = folder.run(&["init", "--dry-run"]);
        assert!(said.code == 0 && said.out.ends_with("operators = \"trailing\"\n"), "{}", said.out);
        assert_eq!(folder.read(name), "select = []\n");
        assert_eq!(folder.run(&["init", "--force"]).code, 0);
        assert_eq!(folder.read(name), said.out);
        let mut expected = ["Dockerfile", name];
        expected.sort();
        assert_eq!(folder.names(), expected);
    }
}

#[test]
fn what_an_editorconfig_says_is_not_said_again() {
    let folder =
        Folder::new(&[("Dockerfile", TRAILING), (".editorconfig", "[*]\nindent_style=space\nindent_size=2\n")]);
    let text = folder.run(&["init", "--stdout"]).out;
    assert!(!text.contains("indent =") && text.contains("operators = \"trailing\""), "{text}");
    // A file that has settings of its own closer by has no vote.
    folder.write("own/Dockerfile", "FROM a\nRUN b \\\n\t&& c\n");
    folder.write("own/dockfix.toml", "");
    assert_eq!(folder.run(&["init", "--stdout"]).out, text);
}

#[test]
fn what_hadolint_ignores_is_carried_over() {
    let folder = Folder::new(&[
        (".hadolint.yaml", "ignored: [DL4000, DL3025, SC2086]\n"),
        ("Dockerfile", "FROM a\nMAINTAINER x\nCMD b\n"),
        ("web/.hadolint.yaml", "ignored: [DL3025]\n"),
        ("web/sub/Dockerfile", "FROM a\nMAINTAINER x\nCMD b\n"),
    ]);
    let check = || folder.run(&["check", "--output-format=concise"]);
    let before = check();
    assert!(before.err.contains("no `dockfix.toml`"), "{}", before.err);
    assert_eq!(folder.run(&["init"]).code, 0);
    let text = folder.read("dockfix.toml");
    assert!(text.contains("ignore = [\"maintainer\", \"shell-form-command\"]"), "{text}");
    let override_ = "files = [\"web/**\"]\nextend-select = [\"maintainer\"]\nignore = [\"shell-form-command\"]\n";
    assert!(text.ends_with(override_), "{text}");
    let after = check();
    assert_eq!(after.out, before.out, "{text}");
    assert!(!after.err.contains("hadolint"), "{}", after.err);
}

#[test]
fn presets_fit_or_are_asked_for() {
    let official = "FROM a\nENV b c\nRUN set -eux; \\\n\td && \\\n\te \\\n\t&& f\n";
    let leading = "FROM a\nENV b c\nRUN set -eux \\\n\t&& d\n";
    let trailing = "FROM a\nENV b c\nRUN set -eux && \\\n\td\n";
    let folder = Folder::new(&[("a/Dockerfile", official), ("b/Dockerfile", leading), ("c/Dockerfile", trailing)]);
    let text = folder.run(&["init", "--stdout"]).out;
    assert!(text.contains("preset = \"official-images\"\n") && !text.contains("[format]"), "{text}");
    let text = folder.run(&["init", "--stdout", "--preset=strict"]).out;
    assert!(text.contains("# As asked for.\npreset = \"strict\"\n") && text.contains("indent = \"tab\""), "{text}");
    let said = folder.run(&["init", "--preset=stirct"]);
    assert_eq!(said.err, "error: --preset: unknown preset `stirct`\nhelp: did you mean `strict`?\n");
}

#[test]
fn votes_are_explained() {
    let folder = Folder::new(&[("a/Dockerfile", TRAILING), ("b/Dockerfile", LEADING)]);
    let said = folder.run(&["init", "--explain"]);
    let expected = "\
topic        files  do
indent           1  2 blanks
                 1  4 blanks
                    no two thirds agree: the setting that changes the fewest lines
operators        1  leading
                 1  trailing
                    no two thirds agree: the setting that changes the fewest lines
stage-gap        1  a blank line before FROM
end-of-line      2  lf
keywords         2  upper case

lines changed in 2 files: 6 by the default layout, 2 by this one
";
    assert_eq!(said.out, expected);
    folder.write("empty/x", "");
    let said = folder.run(&["init", "empty"]);
    let expected = "error: empty: no Dockerfile to go by was found; nothing was written\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
}

#[test]
fn what_the_old_settings_say_of_files_stays() {
    let old = "\
preset = \"strict\"
exclude = [\"old/**\", 'q\"x']
include = [\"*.dock\"]
force-exclude = true

[format]
indent = 8
";
    let folder = Folder::new(&[("a/Dockerfile", TRAILING), ("old/Dockerfile", LEADING), ("x.dock", TRAILING)]);
    folder.write("dockfix.toml", old);
    let check = || folder.run(&["format", "--check", "-q"]).out;
    assert_eq!(folder.run(&["init", "--force"]).err, "dockfix.toml: written for 2 files\n");
    let text = folder.read("dockfix.toml");
    let expected = "
# From the settings that were here before.
exclude = [\"old/**\", 'q\"x']
include = [\"*.dock\"]
force-exclude = true

[format]
";
    assert!(text.contains(expected) && !text.contains("strict"), "{text}");
    assert_eq!(check(), "");
    assert_eq!(folder.run(&["init", "--stdout"]).out, text);
    folder.run(&["init", "--force"]);
    assert_eq!(folder.read("dockfix.toml"), text);
    folder.write("dockfix.toml", "exclude = [");
    let said = folder.run(&["init", "--force"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: dockfix.toml:1:12: "), "{}", said.err);
    assert_eq!(folder.read("dockfix.toml"), "exclude = [");
}

#[cfg(unix)]
#[test]
fn a_backslash_in_the_name_of_a_folder_is_no_slash() {
    let folder =
        Folder::new(&[(r"b\s/Dockerfile", "FROM a\nMAINTAINER x\n"), (r"b\s/.hadolint.yaml", "ignored: [DL4000]\n")]);
    let check = || folder.run(&["check", "--output-format=concise"]).out;
    let before = check();
    assert_eq!(folder.run(&["init"]).code, 0);
    assert_eq!(check(), before, "{}", folder.read("dockfix.toml"));
}
